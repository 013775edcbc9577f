output "dashboard_url" {
  description = "Where people work."
  value       = "https://${var.domain.dashboard}/"
}

output "api_url" {
  description = "Where the API answers."
  value       = "https://${var.domain.api}/"
}

output "release" {
  description = "What a release needs to know: cluster, services, the definition that migrates, where it runs, pages and distribution, cache."
  value = {
    cluster            = module.cluster.name
    api_service        = module.api.service_name
    worker_service     = module.worker.service_name
    training_service   = one(module.training[*].service_name)
    migrate_definition = module.migrate.task_definition_arn
    subnet_ids         = module.network.app_subnet_ids
    security_group_id  = module.security_groups.app_id
    web_bucket         = module.web.bucket
    distribution_id    = module.web.distribution_id
    cache_group        = module.cache.replication_group_id
    cache_secret       = module.secrets.arns["REDIS_PASSWORD"]
  }
}

output "identity" {
  description = "Issuer and client of the pool."
  value       = { issuer = module.identity.issuer, client_id = module.identity.client_id, groups = module.identity.group_names }
}

output "alarm_names" {
  description = "Every alarm."
  value       = module.observability.alarm_names
}
