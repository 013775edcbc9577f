module "stack" {
  source    = "../../stack"
  providers = { aws = aws, aws.replica = aws.replica, aws.edge = aws.edge }

  environment               = "staging"
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

  # Built like production, in small; asleep at night.
  network            = { nat_per_az = false, interface_endpoints = [] }
  api                = { cpu = 512, memory = 2048, min = 1, max = 4 }
  worker             = { cpu = 2048, memory = 8192, min = 0, max = 4, on_demand_base = 0, on_demand_weight = 0, spot_weight = 1 }
  database           = { mode = var.database_mode, instance_class = "db.t4g.small", multi_az = true, replica_count = 0, backup_retention_days = 7 }
  cache              = { node_type = "cache.t4g.micro", node_count = 2 }
  backup_keep_days   = { hourly = 1, daily = 14, monthly = 30 }
  log_retention_days = 30
  protect            = false
  enable_audit       = false

  # The database wakes half an hour before the tasks.
  night = {
    stop           = "cron(0 22 * * ? *)"
    start          = "cron(0 7 ? * MON-FRI *)"
    database_stop  = "cron(15 22 * * ? *)"
    database_start = "cron(30 6 ? * MON-FRI *)"
    timezone       = "Asia/Kolkata"
  }
}
