mock_provider "aws" {
  source = "../tests/mocks"
}

mock_provider "aws" {
  alias  = "replica"
  source = "../tests/mocks"
}

mock_provider "aws" {
  alias  = "edge"
  source = "../tests/mocks"
}

variables {
  environment            = "prod"
  account_id             = "123456789012"
  repository             = { url = "123456789012.dkr.ecr.ap-south-1.amazonaws.com/shelfcast", arn = "arn:aws:ecr:ap-south-1:123456789012:repository/shelfcast" }
  image_tag              = "0000000"
  domain                 = { api = "api.shelfcast.example", dashboard = "app.shelfcast.example", api_certificate_arn = "arn:aws:acm:ap-south-1:123456789012:certificate/1", dashboard_certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/2" }
  alerts                 = { critical_emails = ["oncall@shelfcast.example"], warning_emails = ["data-science@shelfcast.example"] }
  monthly_budget_dollars = 1000
  admin_email            = "admin@shelfcast.example"
  secret_values          = { jwt_secret = "a", admin_password = "b", redis_password = "c", database_password = "d", api_database_password = "e", worker_database_password = "f" }
  network                = { nat_per_az = true, interface_endpoints = ["logs"] }
  api                    = { cpu = 1024, memory = 2048, min = 2, max = 4 }
  worker                 = { cpu = 1024, memory = 4096, min = 1, max = 4, on_demand_base = 1, on_demand_weight = 0, spot_weight = 1 }
  database               = { multi_az = true, replica_count = 1, backup_retention_days = 35 }
  cache                  = { node_type = "cache.t4g.small", node_count = 2 }
  backup_keep_days       = { hourly = 7, daily = 35, monthly = 400 }
  log_retention_days     = 90
  protect                = true
}

run "production" {
  command = plan
  assert {
    condition     = module.network.nat_gateway_count == 2
    error_message = "A gateway in each zone."
  }
  assert {
    condition     = join(",", output.identity.groups) == "AdminGroup,PlannerGroup,ViewerGroup"
    error_message = "Three groups."
  }
  assert {
    condition     = length(aws_route53_record.api) == 0
    error_message = "Without a zone no records."
  }
  assert {
    condition     = output.release.training_service == null && length(module.network.training_subnet_ids) == 0
    error_message = "Without workers of their own trainings run among the others."
  }
}

run "trainings_apart" {
  command = plan
  variables {
    training        = { cpu = 1024, memory = 4096, min = 0, max = 4, on_demand_base = 0, on_demand_weight = 0, spot_weight = 1 }
    collector_image = "public.ecr.aws/aws-observability/aws-otel-collector:v0.43.2"
  }
  assert {
    condition     = output.release.training_service == "shelfcast-prod-training" && length(module.network.training_subnet_ids) == 2
    error_message = "A service in subnets of its own."
  }
}

run "trainings_that_nothing_wakes" {
  command = plan
  variables {
    training = { cpu = 1024, memory = 4096, min = 0, max = 4, on_demand_base = 0, on_demand_weight = 0, spot_weight = 1 }
  }
  expect_failures = [terraform_data.promises]
}

run "workers_that_nothing_wakes" {
  command = plan
  variables {
    worker = { cpu = 1024, memory = 4096, min = 0, max = 4, on_demand_base = 0, on_demand_weight = 0, spot_weight = 1 }
  }
  expect_failures = [terraform_data.promises]
}

run "aurora_in_its_own_zone_with_models" {
  command = plan
  variables {
    database = { mode = "aurora_serverless", engine_version = "17", multi_az = true, replica_count = 1, backup_retention_days = 35 }
    domain   = { api = "api.shelfcast.example", dashboard = "app.shelfcast.example", api_certificate_arn = "arn:aws:acm:ap-south-1:123456789012:certificate/1", dashboard_certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/2", hosted_zone_id = "Z0123456789ABCDEF" }
    bedrock  = { enabled = true, model_ids = ["vendor.model-v1:0"] }
  }
  assert {
    condition     = length(aws_route53_record.api) == 1
    error_message = "With a zone, records."
  }
  assert {
    condition     = contains(module.bedrock.interface_endpoints, "bedrock-runtime") && join(",", keys(module.bedrock.task_policies)) == "ask-models"
    error_message = "Models are asked inside the network."
  }
}

run "data_outside_india" {
  command = plan
  variables {
    region    = "us-east-1"
    azs       = ["us-east-1a", "us-east-1b"]
    dr_region = null
  }
  expect_failures = [terraform_data.promises]
}

run "copies_outside_india" {
  command = plan
  variables {
    dr_region = "eu-west-1"
  }
  expect_failures = [terraform_data.promises]
}

run "anywhere_where_nothing_is_promised" {
  command = plan
  variables {
    data_residency = null
    region         = "us-east-1"
    azs            = ["us-east-1a", "us-east-1b"]
    dr_region      = "us-west-2"
  }
}

run "production_that_sleeps" {
  command = plan
  variables {
    database = { multi_az = true, replica_count = 0, backup_retention_days = 35 }
    night    = { stop = "cron(0 21 * * ? *)", start = "cron(0 8 * * ? *)", database_stop = "cron(15 21 * * ? *)", database_start = "cron(30 7 * * ? *)", timezone = "Asia/Kolkata" }
  }
  expect_failures = [terraform_data.promises]
}

run "production_without_standby" {
  command = plan
  variables {
    database = { multi_az = false, replica_count = 1, backup_retention_days = 35 }
  }
  expect_failures = [terraform_data.promises]
}

run "a_signing_secret_that_is_accepted_first" {
  command = plan
  variables {
    jwt_secret = { version = 2, rotation = "accept" }
  }
  assert {
    condition     = { for one in jsondecode(module.api.container_definitions)[0].secrets : one.name => one.valueFrom if startswith(one.name, "JWT_") } == { JWT_SECRET = "${module.secrets.arns["JWT_SECRET"]}::AWSPREVIOUS:", JWT_SECRET_PREVIOUS = module.secrets.arns["JWT_SECRET"] }
    error_message = "The former one signs, the latest is accepted."
  }
}

run "and_signs_then" {
  command = plan
  variables {
    jwt_secret = { version = 2, rotation = "sign" }
  }
  assert {
    condition     = { for one in jsondecode(module.api.container_definitions)[0].secrets : one.name => one.valueFrom if startswith(one.name, "JWT_") } == { JWT_SECRET = module.secrets.arns["JWT_SECRET"], JWT_SECRET_PREVIOUS = "${module.secrets.arns["JWT_SECRET"]}::AWSPREVIOUS:" }
    error_message = "The latest signs, the former one is accepted."
  }
}

run "and_is_the_only_one_in_the_end" {
  command = plan
  variables {
    jwt_secret = { version = 2, rotation = "none" }
  }
  assert {
    condition     = { for one in jsondecode(module.api.container_definitions)[0].secrets : one.name => one.valueFrom if startswith(one.name, "JWT_") } == { JWT_SECRET = module.secrets.arns["JWT_SECRET"] }
    error_message = "The latest alone."
  }
}

run "nothing_to_rotate_from" {
  command = plan
  variables {
    jwt_secret = { version = 1, rotation = "sign" }
  }
  expect_failures = [var.jwt_secret]
}

run "a_cluster_of_redis" {
  command = plan
  variables {
    cache = { node_type = "cache.t4g.small", node_count = 2, shards = 3 }
  }
  assert {
    condition     = alltrue([for definitions in [module.api.container_definitions, module.worker.container_definitions] : contains(jsondecode(definitions)[0].environment, { name = "REDIS_CLUSTER", value = "true" })])
    error_message = "API and workers know that it is one."
  }
}

run "one_redis" {
  command = plan
  assert {
    condition     = !strcontains(module.api.container_definitions, "REDIS_CLUSTER")
    error_message = "One primary is no cluster."
  }
}

run "traces" {
  command = plan
  variables {
    collector_image = "public.ecr.aws/aws-observability/aws-otel-collector:v0.43.2"
    trace_ratio     = 0.25
  }
  assert {
    condition = alltrue([for definitions in [module.api.container_definitions, module.worker.container_definitions] : alltrue([
      for setting in [{ name = "OTEL_EXPORTER_OTLP_ENDPOINT", value = "http://127.0.0.1:4318" }, { name = "OTEL_TRACES_SAMPLER_ARG", value = "0.25" }] :
      contains(jsondecode(definitions)[0].environment, setting)
    ])])
    error_message = "API and worker send to the collector beside them."
  }
  assert {
    condition     = !strcontains(module.migrate.container_definitions, "OTEL_")
    error_message = "There is no collector beside migrations."
  }
}

run "more_traces_than_there_are" {
  command = plan
  variables {
    trace_ratio = 1.5
  }
  expect_failures = [var.trace_ratio]
}
