output "dashboard_url" {
  description = "Where people work."
  value       = module.stack.dashboard_url
}

output "api_url" {
  description = "Where the API answers."
  value       = module.stack.api_url
}

output "release" {
  description = "What a release needs to know."
  value       = module.stack.release
}

output "identity" {
  description = "Issuer and client of the pool."
  value       = module.stack.identity
}
