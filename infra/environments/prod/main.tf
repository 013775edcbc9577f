module "stack" {
  source    = "../../stack"
  providers = { aws = aws, aws.replica = aws.replica, aws.edge = aws.edge }

  environment               = "prod"
  account_id                = var.account_id
  region                    = var.region
  dr_region                 = var.dr_region
  data_residency            = var.data_residency
  azs                       = var.azs
  repository                = var.repository
  image_tag                 = var.image_tag
  domain                    = var.domain
  cloudfront_prefix_list_id = var.cloudfront_prefix_list_id
  alerts                    = var.alerts
  admin_email               = var.admin_email
  monthly_budget_dollars    = var.monthly_budget_dollars
  settings                  = var.settings
  external_secrets          = var.external_secrets
  secret_values             = local.secret_values
  secret_values_version     = var.secret_values_version
  jwt_secret                = var.jwt_secret
  collector_image           = var.collector_image
  trace_ratio               = var.trace_ratio
  bedrock                   = var.bedrock

  network            = { nat_per_az = true, interface_endpoints = ["ecr.api", "ecr.dkr", "logs", "monitoring", "secretsmanager", "kms"] }
  api                = { cpu = 1024, memory = 2048, min = 2, max = 10 }
  database           = { mode = var.database_mode, instance_class = "db.m7g.large", storage_gb = { initial = 100, max = 1000 }, multi_az = true, replica_count = 1, backup_retention_days = 35 }
  cache              = { node_type = "cache.t4g.medium", node_count = 2 }
  backup_keep_days   = { hourly = 7, daily = 35, monthly = 400 }
  log_retention_days = 90
  lock_days          = 7
  protect            = true
  enable_audit       = true
  enable_config      = true

  # One worker always, more of them on Spot. Trainings, which go on from where they were, have workers of their own, all on Spot.
  worker   = { cpu = 4096, memory = 16384, min = 1, max = 8, on_demand_base = 1, on_demand_weight = 0, spot_weight = 1 }
  training = { cpu = 4096, memory = 16384, min = 0, max = 4, on_demand_base = 0, on_demand_weight = 0, spot_weight = 1 }
}
