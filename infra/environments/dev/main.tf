module "stack" {
  source    = "../../stack"
  providers = { aws = aws, aws.replica = aws.replica, aws.edge = aws.edge }

  environment               = "dev"
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

  # Small, and asleep at night: one gateway, one node of each kind, workers on capacity that may be taken away.
  network            = { nat_per_az = false, interface_endpoints = [] }
  api                = { cpu = 512, memory = 2048, min = 1, max = 2 }
  worker             = { cpu = 1024, memory = 4096, min = 0, max = 2, on_demand_base = 0, on_demand_weight = 0, spot_weight = 1 }
  database           = { mode = var.database_mode, instance_class = "db.t4g.micro", storage_gb = { initial = 20, max = 100 }, multi_az = false, replica_count = 0, backup_retention_days = 7 }
  cache              = { node_type = "cache.t4g.micro", node_count = 1 }
  backup_keep_days   = { hourly = 1, daily = 7, monthly = 7 }
  log_retention_days = 14
  protect            = false
  enable_audit       = false

  # The database wakes half an hour before the tasks.
  night = {
    stop           = "cron(0 21 * * ? *)"
    start          = "cron(0 8 ? * MON-FRI *)"
    database_stop  = "cron(15 21 * * ? *)"
    database_start = "cron(30 7 ? * MON-FRI *)"
    timezone       = "Asia/Kolkata"
  }
}
