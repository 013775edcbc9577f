locals {
  name     = "shelfcast-${var.environment}"
  prod     = var.environment == "prod"
  recovery = var.dr_region != null
  training = var.training != null
  india    = ["ap-south-1", "ap-south-2"]
}

# Refuses a plan that would break a promise, before anything is made.
resource "terraform_data" "promises" {
  input = local.name

  lifecycle {
    precondition {
      condition     = var.data_residency != "IN" || (contains(local.india, var.region) && (var.dr_region == null || try(contains(local.india, var.dr_region), false)))
      error_message = "data_residency: IN allows ap-south-1 and ap-south-2 alone."
    }
    precondition {
      condition     = var.dr_region != var.region
      error_message = "dr_region: must be another region, or null."
    }
    precondition {
      condition     = !local.prod || (var.night == null && var.protect && var.network.nat_per_az && var.database.multi_az && var.database.backup_retention_days == 35 && var.api.min >= 2 && var.cache.node_count >= 2)
      error_message = "prod: runs day and night, is protected, in two zones, and can be restored to any point of 35 days."
    }
    precondition {
      condition     = alltrue([for az in var.azs : startswith(az, var.region)])
      error_message = "azs: must lie in the region."
    }
    precondition {
      condition     = var.night == null || var.database.replica_count == 0
      error_message = "night: a database with replicas cannot be stopped."
    }
    # Workers that go to zero are started again because jobs wait, and only the collector tells that they do.
    precondition {
      condition     = var.collector_image != null || (var.night != null || var.worker.min >= 1) && try(var.training.min >= 1, true)
      error_message = "collector_image: needed where workers may be none."
    }
  }
}

module "kms" {
  source       = "../modules/kms"
  providers    = { aws = aws, aws.replica = aws.replica }
  name         = local.name
  account_id   = var.account_id
  region       = var.region
  multi_region = local.recovery
}

module "bedrock" {
  source    = "../modules/bedrock-access"
  enabled   = var.bedrock.enabled
  model_ids = var.bedrock.model_ids
  region    = var.region
}

module "network" {
  source                      = "../modules/network"
  name                        = local.name
  region                      = var.region
  azs                         = var.azs
  nat_per_az                  = var.network.nat_per_az
  training_cidrs              = local.training ? ["10.0.7.0/24", "10.0.8.0/24"] : []
  interface_endpoints         = setunion(var.network.interface_endpoints, module.bedrock.interface_endpoints)
  endpoint_security_group_ids = [module.security_groups.endpoints_id]
  flow_log_retention_days     = var.log_retention_days
  logs_kms_key_arn            = module.kms.logs_key_arn
}

module "security_groups" {
  source                     = "../modules/security-groups"
  name                       = local.name
  vpc_id                     = module.network.vpc_id
  alb_ingress_prefix_list_id = var.cloudfront_prefix_list_id
  training                   = local.training
}

module "secrets" {
  source         = "../modules/secrets"
  name           = local.name
  kms_key_arn    = module.kms.secrets_key_arn
  values         = var.secret_values
  values_version = var.secret_values_version
  jwt_version    = var.jwt_secret.version
  external       = var.external_secrets
  recovery_days  = var.protect ? 30 : 7
}

module "database" {
  source                        = "../modules/database"
  providers                     = { aws = aws, aws.replica = aws.replica }
  name                          = local.name
  mode                          = var.database.mode
  engine_version                = var.database.engine_version
  instance_class                = var.database.instance_class
  storage_gb                    = var.database.storage_gb
  serverless_capacity           = var.database.serverless_capacity
  multi_az                      = var.database.multi_az
  replica_count                 = var.database.replica_count
  backup_retention_days         = var.database.backup_retention_days
  replicate_backups_kms_key_arn = module.kms.replica_data_key_arn
  replicate_backups             = local.recovery
  deletion_protection           = var.protect
  subnet_ids                    = module.network.data_subnet_ids
  security_group_id             = module.security_groups.db_id
  kms_key_arn                   = module.kms.data_key_arn
  password                      = var.secret_values.database_password
  password_version              = var.secret_values_version
  log_retention_days            = var.log_retention_days
  logs_kms_key_arn              = module.kms.logs_key_arn
}

module "cache" {
  source             = "../modules/cache"
  name               = local.name
  node_type          = var.cache.node_type
  node_count         = var.cache.node_count
  shards             = var.cache.shards
  subnet_ids         = module.network.data_subnet_ids
  security_group_id  = module.security_groups.cache_id
  kms_key_arn        = module.kms.data_key_arn
  log_retention_days = var.log_retention_days
  logs_kms_key_arn   = module.kms.logs_key_arn
}

module "data_lake" {
  source              = "../modules/data-lake"
  providers           = { aws = aws, aws.replica = aws.replica }
  name                = local.name
  account_id          = var.account_id
  kms_key_arn         = module.kms.data_key_arn
  replica_kms_key_arn = module.kms.replica_data_key_arn
  replicate           = local.recovery
  log_retention_days  = var.log_retention_days
  force_destroy       = !var.protect
}

module "lake_access" {
  source            = "../modules/lake-access"
  name              = local.name
  region            = var.region
  bucket_arns       = module.data_lake.bucket_arns
  kms_key_arn       = module.kms.data_key_arn
  uploader_role_arn = module.api.task_role_arn
}

module "backup" {
  source              = "../modules/backup"
  providers           = { aws = aws, aws.replica = aws.replica }
  name                = local.name
  account_id          = var.account_id
  kms_key_arn         = module.kms.data_key_arn
  replica_kms_key_arn = module.kms.replica_data_key_arn
  replicate           = local.recovery
  keep_days           = var.backup_keep_days
  lock_min_days       = var.lock_days
  alert_topic_arn     = module.observability.topic_arns["warning"]
}

module "scheduler" {
  count               = var.night == null ? 0 : 1
  source              = "../modules/scheduler"
  name                = local.name
  account_id          = var.account_id
  region              = var.region
  database_identifier = local.name
  night               = { stop = var.night.database_stop, start = var.night.database_start, timezone = var.night.timezone }
}

module "identity" {
  source              = "../modules/identity"
  name                = local.name
  domain_prefix       = "${local.name}-${var.account_id}"
  callback_urls       = ["https://${var.domain.dashboard}/"]
  logout_urls         = ["https://${var.domain.dashboard}/"]
  deletion_protection = var.protect
}

module "audit" {
  count                  = var.enable_audit ? 1 : 0
  source                 = "../modules/audit"
  name                   = local.name
  account_id             = var.account_id
  region                 = var.region
  kms_key_arn            = module.kms.logs_key_arn
  log_retention_days     = var.log_retention_days
  lock_days              = var.lock_days
  data_event_bucket_arns = [for zone, arn in module.data_lake.bucket_arns : arn if zone != "logs"]
  alert_topic_arn        = module.observability.topic_arns["critical"]
  enable_config          = var.enable_config
  force_destroy          = !var.protect
}
