locals {
  host         = "token.actions.githubusercontent.com"
  provider_arn = "arn:aws:iam::${var.account_id}:oidc-provider/${local.host}"

  # Who may take which role: pull requests look, environments change.
  subjects = {
    plan  = ["repo:${var.repository}:pull_request", "repo:${var.repository}:ref:refs/heads/main"]
    apply = [for environment in var.environments : "repo:${var.repository}:environment:${environment}"]
  }

  state = [
    { Sid = "StateList", Effect = "Allow", Action = "s3:ListBucket", Resource = var.state_bucket_arn },
    { Sid = "StateKey", Effect = "Allow", Action = ["kms:Decrypt", "kms:GenerateDataKey"], Resource = var.state_key_arn },
  ]
}

# AWS checks the certificate of this host against its own trust store, so that no thumbprint is named.
resource "aws_iam_openid_connect_provider" "github" {
  count          = var.create_provider ? 1 : 0
  url            = "https://${local.host}"
  client_id_list = ["sts.amazonaws.com"]
}

resource "aws_iam_role" "this" {
  for_each             = local.subjects
  name                 = "${var.name}-ci-${each.key}"
  description          = "Workflows of ${var.repository}: ${each.key}"
  max_session_duration = 3600
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.provider_arn }
      Condition = { StringEquals = { "${local.host}:aud" = "sts.amazonaws.com", "${local.host}:sub" = each.value } }
    }]
  })
}

# Reads everything but data: this policy of AWS leaves out the contents of secrets; objects and rows are denied below.
resource "aws_iam_role_policy_attachment" "plan" {
  role       = aws_iam_role.this["plan"].name
  policy_arn = "arn:aws:iam::aws:policy/SecurityAudit"
}

resource "aws_iam_role_policy_attachment" "plan_view" {
  role       = aws_iam_role.this["plan"].name
  policy_arn = "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"
}

resource "aws_iam_role_policy" "plan" {
  name = "read-state"
  role = aws_iam_role.this["plan"].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(local.state, [
      { Sid = "StateRead", Effect = "Allow", Action = "s3:GetObject", Resource = "${var.state_bucket_arn}/*" },
      # A plan makes random passwords and throws them away.
      { Sid = "Random", Effect = "Allow", Action = "secretsmanager:GetRandomPassword", Resource = "*" },
    ])
  })
}

resource "aws_iam_role_policy" "apply" {
  name = "state-and-roles"
  role = aws_iam_role.this["apply"].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(local.state, [
      { Sid = "State", Effect = "Allow", Action = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], Resource = "${var.state_bucket_arn}/*" },
      {
        Sid    = "OwnRoles"
        Effect = "Allow"
        Action = [
          "iam:CreateRole", "iam:DeleteRole", "iam:GetRole", "iam:UpdateRole", "iam:UpdateAssumeRolePolicy", "iam:TagRole", "iam:UntagRole",
          "iam:ListRolePolicies", "iam:ListAttachedRolePolicies", "iam:ListInstanceProfilesForRole",
          "iam:PutRolePolicy", "iam:GetRolePolicy", "iam:DeleteRolePolicy",
        ]
        Resource = "arn:aws:iam::${var.account_id}:role/${var.name}-*"
      },
      {
        Sid      = "ServicePolicies"
        Effect   = "Allow"
        Action   = ["iam:AttachRolePolicy", "iam:DetachRolePolicy"]
        Resource = "arn:aws:iam::${var.account_id}:role/${var.name}-*"
        Condition = { ArnLike = { "iam:PolicyARN" = [
          "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole",
          "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyFor*",
          "arn:aws:iam::aws:policy/service-role/AWS_ConfigRole",
        ] } }
      },
      {
        Sid      = "HandOver"
        Effect   = "Allow"
        Action   = "iam:PassRole"
        Resource = "arn:aws:iam::${var.account_id}:role/${var.name}-*"
        Condition = { StringEquals = { "iam:PassedToService" = [
          "ecs-tasks.amazonaws.com", "vpc-flow-logs.amazonaws.com", "monitoring.rds.amazonaws.com", "s3.amazonaws.com",
          "cloudtrail.amazonaws.com", "config.amazonaws.com", "scheduler.amazonaws.com", "backup.amazonaws.com",
        ] } }
      },
      # Its own trust and rights are changed by hand alone.
      {
        Sid    = "NotItself"
        Effect = "Deny"
        Action = ["iam:*"]
        Resource = [
          "arn:aws:iam::${var.account_id}:role/${var.name}-ci-*",
          local.provider_arn,
        ]
      },
      {
        Sid      = "CacheToken"
        Effect   = "Allow"
        Action   = "secretsmanager:GetSecretValue"
        Resource = "arn:aws:secretsmanager:*:${var.account_id}:secret:${var.name}-*/REDIS_PASSWORD-*"
      },
    ])
  })
}

resource "aws_iam_role_policy" "build" {
  name = "build"
  role = aws_iam_role.this["apply"].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      # Most of these services know no resource before it exists; what can be named is named below.
      {
        Sid    = "Services"
        Effect = "Allow"
        Action = [
          "access-analyzer:*", "application-autoscaling:*", "backup:*", "backup-storage:MountCapsule", "budgets:*", "cloudfront:*",
          "cloudtrail:*", "cloudwatch:*", "cognito-idp:*", "config:*", "ec2:*", "ecr:*", "ecs:*", "elasticache:*",
          "elasticloadbalancing:*", "events:*", "guardduty:*", "kms:*", "logs:*", "rds:*",
          "route53:*", "scheduler:*", "sns:*", "wafv2:*", "acm:DescribeCertificate", "acm:ListCertificates",
          "iam:GetAccountPasswordPolicy", "iam:UpdateAccountPasswordPolicy", "iam:CreateServiceLinkedRole",
          "secretsmanager:GetRandomPassword",
        ]
        Resource = "*"
      },
      {
        Sid      = "Buckets"
        Effect   = "Allow"
        Action   = "s3:*"
        Resource = ["arn:aws:s3:::${var.name}-*", "arn:aws:s3:::${var.name}-*/*"]
      },
      {
        Sid    = "Secrets"
        Effect = "Allow"
        Action = [
          "secretsmanager:CreateSecret", "secretsmanager:DeleteSecret", "secretsmanager:DescribeSecret", "secretsmanager:GetResourcePolicy",
          "secretsmanager:PutSecretValue", "secretsmanager:UpdateSecret", "secretsmanager:TagResource", "secretsmanager:UntagResource",
          "secretsmanager:ListSecretVersionIds",
        ]
        Resource = "arn:aws:secretsmanager:*:${var.account_id}:secret:${var.name}-*"
      },
    ]
  })
}
