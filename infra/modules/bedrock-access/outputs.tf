output "task_policies" {
  description = "Policies for the role of a task that asks models, by name; empty while off."
  value       = var.enabled ? { "ask-models" = local.policy } : {}
}

output "interface_endpoints" {
  description = "Endpoints the network needs for it; empty while off."
  value       = toset(var.enabled ? ["bedrock-runtime"] : [])
}
