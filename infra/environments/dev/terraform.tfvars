# Example values: account, names and certificates are yours to set.
account_id     = "111111111111"
region         = "ap-south-1"
dr_region      = null
data_residency = "IN"
azs            = ["ap-south-1a", "ap-south-1b"]

repository = {
  url = "111111111111.dkr.ecr.ap-south-1.amazonaws.com/shelfcast"
  arn = "arn:aws:ecr:ap-south-1:111111111111:repository/shelfcast"
}

domain = {
  api                       = "api.dev.shelfcast.example"
  dashboard                 = "app.dev.shelfcast.example"
  api_certificate_arn       = "arn:aws:acm:ap-south-1:111111111111:certificate/00000000-0000-4000-8000-000000000001"
  dashboard_certificate_arn = "arn:aws:acm:us-east-1:111111111111:certificate/00000000-0000-4000-8000-000000000002"
}

alerts = {
  critical_emails = ["oncall@shelfcast.example"]
  warning_emails  = ["operations@shelfcast.example", "data-science@shelfcast.example"]
}

admin_email            = "admin@shelfcast.example"
monthly_budget_dollars = 150

# Workers go to none when nothing waits; this tells when something does.
collector_image = "public.ecr.aws/aws-observability/aws-otel-collector:v0.43.2"
