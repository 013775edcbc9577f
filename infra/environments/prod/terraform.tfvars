# Example values: account, names and certificates are yours to set.
account_id     = "333333333333"
region         = "ap-south-1"
dr_region      = "ap-south-2"
data_residency = "IN"
azs            = ["ap-south-1a", "ap-south-1b"]

repository = {
  url = "333333333333.dkr.ecr.ap-south-1.amazonaws.com/shelfcast"
  arn = "arn:aws:ecr:ap-south-1:333333333333:repository/shelfcast"
}

domain = {
  api                       = "api.shelfcast.example"
  dashboard                 = "app.shelfcast.example"
  api_certificate_arn       = "arn:aws:acm:ap-south-1:333333333333:certificate/00000000-0000-4000-8000-000000000001"
  dashboard_certificate_arn = "arn:aws:acm:us-east-1:333333333333:certificate/00000000-0000-4000-8000-000000000002"
}

alerts = {
  critical_emails = ["oncall@shelfcast.example"]
  warning_emails  = ["operations@shelfcast.example", "data-science@shelfcast.example"]
}

admin_email            = "admin@shelfcast.example"
monthly_budget_dollars = 1800

# aws ec2 describe-managed-prefix-lists --filters Name=prefix-list-name,Values=com.amazonaws.global.cloudfront.origin-facing
cloudfront_prefix_list_id = "pl-00000000000000001"

collector_image = "public.ecr.aws/aws-observability/aws-otel-collector:v0.43.2"
