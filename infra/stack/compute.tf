locals {
  image = "${var.repository.url}:${var.image_tag}"
  certs = "/etc/ssl/certs/rds.pem"

  # What every process is told; names and forms as its configuration reads them.
  settings = merge({
    NODE_ENV        = "production"
    HOST            = "0.0.0.0"
    DATA_DIR        = "/tmp/data"
    LAKE_URL        = module.data_lake.url
    LAKE_ZONES      = "raw,curated,features,models=model-artifacts"
    LAKE_REGION     = var.region
    LAKE_KMS_KEY_ID = module.kms.data_key_arn
    REDIS_URL       = "rediss://${module.cache.host}:6379"
    ADMIN_EMAIL     = var.admin_email
    LOG_LEVEL       = "info"
    # RDS signs its certificates itself; the image holds its root.
    NODE_EXTRA_CA_CERTS = local.certs
  }, module.cache.cluster ? { REDIS_CLUSTER = "true" } : {}, var.settings)

  api_settings = {
    PORT                  = "3000"
    DATABASE_URL          = local.database_urls.api
    DATABASE_REPLICA_URLS = join(",", [for host in module.database.replica_hosts : "postgres://${local.database_users.api}@${host}:5432/shelfcast?sslmode=verify-full"])
    # For the collector beside it; no security group lets anybody else in.
    METRICS_PORT = "9464"
    # Shorter than the time until the task is killed.
    SHUTDOWN_SECONDS = "25"
    # Proxies that are believed about where a request came from: the load balancer, and CloudFront before it.
    TRUST_PROXY   = var.cloudfront_prefix_list_id == null ? "1" : "2"
    LAKE_ROLE_ARN = module.lake_access.upload_role_arn
  }
  worker_settings   = merge({ WORKER_PORT = "3001", SHUTDOWN_SECONDS = "110", DATABASE_URL = local.database_urls.worker }, local.training ? { WORKER_QUEUES = "general" } : {})
  training_settings = merge(local.worker_settings, { WORKER_QUEUES = "training" })

  migrate_settings = { DATABASE_URL = local.database_urls.migrate }

  # The side container is in the task's own network: nobody else can send to it.
  tracing_settings = var.collector_image == null ? {} : {
    OTEL_EXPORTER_OTLP_ENDPOINT = "http://127.0.0.1:4318"
    OTEL_TRACES_SAMPLER_ARG     = tostring(var.trace_ratio)
  }

  # The owner migrates, and makes the other two, who may do no more than they need.
  database_users = { migrate = "shelfcast", api = "shelfcast_api_user", worker = "shelfcast_worker_user" }
  database_urls  = { for process, user in local.database_users : process => "postgres://${user}@${module.database.host}:5432/shelfcast?sslmode=verify-full" }

  # Secrets Manager keeps the value before the latest by itself; ECS reads a version as `ARN:key:stage:id`.
  jwt_latest = module.secrets.arns["JWT_SECRET"]
  jwt_before = "${local.jwt_latest}::AWSPREVIOUS:"
  rotating = {
    none   = {}
    accept = { JWT_SECRET = local.jwt_before, JWT_SECRET_PREVIOUS = local.jwt_latest }
    sign   = { JWT_SECRET_PREVIOUS = local.jwt_before }
  }

  common_secrets = merge({ for setting, arn in module.secrets.arns : setting => arn if !endswith(setting, "DATABASE_PASSWORD") }, local.rotating[var.jwt_secret.rotation])
  secrets = {
    api     = merge(local.common_secrets, { DATABASE_PASSWORD = module.secrets.arns["API_DATABASE_PASSWORD"] })
    worker  = merge(local.common_secrets, { DATABASE_PASSWORD = module.secrets.arns["WORKER_DATABASE_PASSWORD"] })
    migrate = merge(module.secrets.arns, local.rotating[var.jwt_secret.rotation])
  }
  secret_arns = { for process, secrets in local.secrets : process => distinct([for arn in values(secrets) : trimsuffix(arn, "::AWSPREVIOUS:")]) }

  collector = { for process, port in { api = 9464, worker = 3001, training = 3001 } : process => var.collector_image == null ? null : {
    image      = var.collector_image
    namespaces = ["FMCG/Business", "FMCG/System"]
    config = templatefile("${path.module}/collector.yaml.tftpl", {
      port      = port
      region    = var.region
      log_group = "/${local.name}/metrics"
      process   = process
    })
  } }

  night = var.night == null ? null : { stop = var.night.stop, start = var.night.start, timezone = var.night.timezone }
}

module "cluster" {
  source             = "../modules/ecs-cluster"
  name               = local.name
  logs_kms_key_arn   = module.kms.logs_key_arn
  log_retention_days = var.log_retention_days
}

module "api" {
  source               = "../modules/ecs-service"
  name                 = local.name
  process              = "api"
  account_id           = var.account_id
  region               = var.region
  cluster              = { arn = module.cluster.arn, name = module.cluster.name }
  image                = local.image
  repository_arn       = var.repository.arn
  command              = ["node", "dist/src/main.js"]
  cpu                  = var.api.cpu
  memory               = var.api.memory
  port                 = 3000
  environment          = merge(local.tracing_settings, local.settings, local.api_settings)
  secrets              = local.secrets.api
  secret_arns          = local.secret_arns.api
  secret_key_arns      = [module.kms.secrets_key_arn]
  task_policies        = merge(module.lake_access.api_policies, module.bedrock.task_policies)
  health_check_url     = "http://127.0.0.1:3000/health/live"
  stop_timeout_seconds = 30
  logs_kms_key_arn     = module.kms.logs_key_arn
  log_retention_days   = var.log_retention_days
  collector            = local.collector.api
  night                = local.night

  service = {
    subnet_ids         = module.network.app_subnet_ids
    security_group_ids = [module.security_groups.app_id]
    target_group_arn   = module.alb.target_group_arn
    min                = var.api.min
    max                = var.api.max
    on_demand_base     = var.api.min
    rollback_alarms    = ["${local.name}-api-5xx", "${local.name}-api-p95"]
  }

  # A target group must hang on a listener before tasks may enter it.
  depends_on = [module.alb]
}

module "worker" {
  source               = "../modules/ecs-service"
  name                 = local.name
  process              = "worker"
  account_id           = var.account_id
  region               = var.region
  cluster              = { arn = module.cluster.arn, name = module.cluster.name }
  image                = local.image
  repository_arn       = var.repository.arn
  command              = ["node", "dist/src/worker.js"]
  cpu                  = var.worker.cpu
  memory               = var.worker.memory
  environment          = merge(local.tracing_settings, local.settings, local.worker_settings)
  secrets              = local.secrets.worker
  secret_arns          = local.secret_arns.worker
  secret_key_arns      = [module.kms.secrets_key_arn]
  task_policies        = module.lake_access.worker_policies
  health_check_url     = "http://127.0.0.1:3001/health"
  stop_timeout_seconds = 120
  logs_kms_key_arn     = module.kms.logs_key_arn
  log_retention_days   = var.log_retention_days
  collector            = local.collector.worker
  night                = local.night

  service = {
    subnet_ids         = module.network.app_subnet_ids
    security_group_ids = [module.security_groups.app_id]
    min                = var.worker.min
    max                = var.worker.max
    on_demand_base     = var.worker.on_demand_base
    on_demand_weight   = var.worker.on_demand_weight
    spot_weight        = var.worker.spot_weight
    cpu_target         = 80
  }

  queue_scaling = {
    namespace    = "FMCG/System"
    depth_metric = "JobsWaiting"
    age_metric   = "OldestJobAgeSeconds"
    dimensions   = local.training ? { fleet = "general" } : {}
  }
}

# Fits models and does nothing else: from nothing when a training waits, on capacity that may be taken away, and back to nothing.
module "training" {
  count                = local.training ? 1 : 0
  source               = "../modules/ecs-service"
  name                 = local.name
  process              = "training"
  account_id           = var.account_id
  region               = var.region
  cluster              = { arn = module.cluster.arn, name = module.cluster.name }
  image                = local.image
  repository_arn       = var.repository.arn
  command              = ["node", "dist/src/worker.js"]
  cpu                  = var.training.cpu
  memory               = var.training.memory
  environment          = merge(local.tracing_settings, local.settings, local.training_settings)
  secrets              = local.secrets.worker
  secret_arns          = local.secret_arns.worker
  secret_key_arns      = [module.kms.secrets_key_arn]
  task_policies        = module.lake_access.worker_policies
  health_check_url     = "http://127.0.0.1:3001/health"
  stop_timeout_seconds = 120
  logs_kms_key_arn     = module.kms.logs_key_arn
  log_retention_days   = var.log_retention_days
  collector            = local.collector.training
  night                = local.night

  service = {
    subnet_ids         = module.network.training_subnet_ids
    security_group_ids = [module.security_groups.training_id]
    min                = var.training.min
    max                = var.training.max
    on_demand_base     = var.training.on_demand_base
    on_demand_weight   = var.training.on_demand_weight
    spot_weight        = var.training.spot_weight
    cpu_target         = 80
  }

  queue_scaling = {
    namespace    = "FMCG/System"
    depth_metric = "JobsWaiting"
    age_metric   = "OldestJobAgeSeconds"
    dimensions   = { fleet = "training" }
  }
}

# Run once by each release, before the services are told of the new image.
module "migrate" {
  source               = "../modules/ecs-service"
  name                 = local.name
  process              = "migrate"
  account_id           = var.account_id
  region               = var.region
  cluster              = { arn = module.cluster.arn, name = module.cluster.name }
  image                = local.image
  repository_arn       = var.repository.arn
  command              = ["node", "dist/src/migrate.js"]
  cpu                  = 512
  memory               = 1024
  environment          = merge(local.settings, local.migrate_settings)
  secrets              = local.secrets.migrate
  secret_arns          = local.secret_arns.migrate
  secret_key_arns      = [module.kms.secrets_key_arn]
  stop_timeout_seconds = 120
  logs_kms_key_arn     = module.kms.logs_key_arn
  log_retention_days   = var.log_retention_days
}
