mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name            = "shelfcast-test"
  account_id      = "123456789012"
  api_domain_name = "api.shelfcast.example"
  domain_names    = ["app.shelfcast.example"]
  certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/1"
  web_acl_arn     = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/a/1"
}

run "caching" {
  command = plan
  assert {
    condition     = { for what, policy in aws_cloudfront_response_headers_policy.security : what => one(policy.custom_headers_config[0].items).value } == { pages = "no-cache", assets = "public, max-age=31536000, immutable" }
    error_message = "Pages are asked for again; what has its hash in its name is kept."
  }
  assert {
    condition     = [for behavior in aws_cloudfront_distribution.this.ordered_cache_behavior : behavior.target_origin_id if behavior.path_pattern == "/assets/*"] == ["pages"]
    error_message = "Assets come from the bucket."
  }
  assert {
    condition     = alltrue([for behavior in aws_cloudfront_distribution.this.ordered_cache_behavior : behavior.cache_policy_id == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad" if behavior.target_origin_id == "api"])
    error_message = "No answer of the API is kept."
  }
}

run "without_a_zone" {
  command = plan
  assert {
    condition     = length(aws_route53_record.pages) == 0
    error_message = "Records are made elsewhere."
  }
}

run "in_a_zone" {
  command = plan
  variables {
    hosted_zone_id = "Z0123456789ABCDEF"
  }
  assert {
    condition     = toset(values(aws_route53_record.pages)[*].type) == toset(["A", "AAAA"]) && alltrue([for record in aws_route53_record.pages : record.name == "app.shelfcast.example"])
    error_message = "The dashboard's name leads to the distribution."
  }
}
