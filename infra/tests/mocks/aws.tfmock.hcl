# Identifiers in the forms AWS gives them: the provider checks them wherever one is used. The same for all of a type.

mock_resource "aws_appautoscaling_policy" {
  override_during = plan
  defaults = {
    arn = "arn:aws:autoscaling:ap-south-1:123456789012:scalingPolicy:11111111-2222-4333-8444-555555555555:resource/ecs/service/mocked:policyName/mocked"
  }
}

mock_resource "aws_backup_vault" {
  override_during = plan
  defaults = {
    arn = "arn:aws:backup:ap-south-1:123456789012:backup-vault:mocked"
  }
}

mock_resource "aws_cloudfront_distribution" {
  override_during = plan
  defaults = {
    arn            = "arn:aws:cloudfront::123456789012:distribution/EMOCKED"
    domain_name    = "mocked.cloudfront.net"
    hosted_zone_id = "Z2FDTNDATAQYW2"
  }
}

mock_resource "aws_cloudfront_function" {
  override_during = plan
  defaults = {
    arn = "arn:aws:cloudfront::123456789012:function/mocked"
  }
}

mock_resource "aws_cloudtrail" {
  override_during = plan
  defaults = {
    arn = "arn:aws:cloudtrail:ap-south-1:123456789012:trail/mocked"
  }
}

mock_resource "aws_cloudwatch_log_group" {
  override_during = plan
  defaults = {
    arn = "arn:aws:logs:ap-south-1:123456789012:log-group:mocked"
  }
}

mock_resource "aws_cognito_user_pool" {
  override_during = plan
  defaults = {
    arn      = "arn:aws:cognito-idp:ap-south-1:123456789012:userpool/ap-south-1_Mocked123"
    id       = "ap-south-1_Mocked123"
    endpoint = "cognito-idp.ap-south-1.amazonaws.com/ap-south-1_Mocked123"
  }
}

mock_resource "aws_db_instance" {
  override_during = plan
  defaults = {
    arn     = "arn:aws:rds:ap-south-1:123456789012:db:mocked"
    address = "mocked.abcdefghijkl.ap-south-1.rds.amazonaws.com"
  }
}

mock_resource "aws_ecr_repository" {
  override_during = plan
  defaults = {
    arn            = "arn:aws:ecr:ap-south-1:123456789012:repository/mocked"
    repository_url = "123456789012.dkr.ecr.ap-south-1.amazonaws.com/mocked"
  }
}

mock_resource "aws_ecs_cluster" {
  override_during = plan
  defaults = {
    arn = "arn:aws:ecs:ap-south-1:123456789012:cluster/mocked"
  }
}

mock_resource "aws_ecs_task_definition" {
  override_during = plan
  defaults = {
    arn = "arn:aws:ecs:ap-south-1:123456789012:task-definition/mocked:1"
  }
}

mock_resource "aws_elasticache_replication_group" {
  override_during = plan
  defaults = {
    primary_endpoint_address = "master.mocked.abcdef.aps1.cache.amazonaws.com"
  }
}

mock_resource "aws_guardduty_detector" {
  override_during = plan
  defaults = {
    id = "0123456789abcdef0123456789abcdef"
  }
}

mock_resource "aws_iam_openid_connect_provider" {
  override_during = plan
  defaults = {
    arn = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
  }
}

mock_resource "aws_iam_role" {
  override_during = plan
  defaults = {
    id  = "mocked"
    arn = "arn:aws:iam::123456789012:role/mocked"
  }
}

mock_resource "aws_internet_gateway" {
  override_during = plan
  defaults = {
    id = "igw-0123456789abcdef0"
  }
}

mock_resource "aws_kms_key" {
  override_during = plan
  defaults = {
    arn    = "arn:aws:kms:ap-south-1:123456789012:key/11111111-2222-4333-8444-555555555555"
    key_id = "11111111-2222-4333-8444-555555555555"
  }
}

mock_resource "aws_kms_replica_key" {
  override_during = plan
  defaults = {
    arn = "arn:aws:kms:ap-south-2:123456789012:key/mrk-11111111222243338444555555555555"
  }
}

mock_resource "aws_lb" {
  override_during = plan
  defaults = {
    arn        = "arn:aws:elasticloadbalancing:ap-south-1:123456789012:loadbalancer/app/mocked/0123456789abcdef"
    arn_suffix = "app/mocked/0123456789abcdef"
    dns_name   = "mocked.ap-south-1.elb.amazonaws.com"
    zone_id    = "ZP97RAFLXTNZK"
  }
}

mock_resource "aws_lb_listener" {
  override_during = plan
  defaults = {
    arn = "arn:aws:elasticloadbalancing:ap-south-1:123456789012:listener/app/mocked/0123456789abcdef/0123456789abcdef"
  }
}

mock_resource "aws_lb_target_group" {
  override_during = plan
  defaults = {
    arn        = "arn:aws:elasticloadbalancing:ap-south-1:123456789012:targetgroup/mocked/0123456789abcdef"
    arn_suffix = "targetgroup/mocked/0123456789abcdef"
  }
}

mock_resource "aws_nat_gateway" {
  override_during = plan
  defaults = {
    id = "nat-0123456789abcdef0"
  }
}

mock_resource "aws_rds_cluster" {
  override_during = plan
  defaults = {
    arn             = "arn:aws:rds:ap-south-1:123456789012:cluster:mocked"
    endpoint        = "mocked.cluster-abcdefghijkl.ap-south-1.rds.amazonaws.com"
    reader_endpoint = "mocked.cluster-ro-abcdefghijkl.ap-south-1.rds.amazonaws.com"
  }
}

mock_resource "aws_route_table" {
  override_during = plan
  defaults = {
    id = "rtb-0123456789abcdef0"
  }
}

mock_resource "aws_s3_bucket" {
  override_during = plan
  defaults = {
    id                          = "mocked-bucket"
    arn                         = "arn:aws:s3:::mocked-bucket"
    bucket_regional_domain_name = "mocked-bucket.s3.ap-south-1.amazonaws.com"
  }
}

mock_resource "aws_secretsmanager_secret" {
  override_during = plan
  defaults = {
    arn = "arn:aws:secretsmanager:ap-south-1:123456789012:secret:mocked-AbCdEf"
    id  = "arn:aws:secretsmanager:ap-south-1:123456789012:secret:mocked-AbCdEf"
  }
}

mock_resource "aws_security_group" {
  override_during = plan
  defaults = {
    id = "sg-0123456789abcdef0"
  }
}

mock_resource "aws_sns_topic" {
  override_during = plan
  defaults = {
    arn = "arn:aws:sns:ap-south-1:123456789012:mocked"
  }
}

mock_resource "aws_subnet" {
  override_during = plan
  defaults = {
    id = "subnet-0123456789abcdef0"
  }
}

mock_resource "aws_vpc" {
  override_during = plan
  defaults = {
    id  = "vpc-0123456789abcdef0"
    arn = "arn:aws:ec2:ap-south-1:123456789012:vpc/vpc-0123456789abcdef0"
  }
}

mock_resource "aws_wafv2_web_acl" {
  override_during = plan
  defaults = {
    arn = "arn:aws:wafv2:ap-south-1:123456789012:regional/webacl/mocked/11111111-2222-4333-8444-555555555555"
  }
}
