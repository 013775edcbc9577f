mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name              = "shelfcast-test"
  region            = "ap-south-1"
  kms_key_arn       = "arn:aws:kms:ap-south-1:123456789012:key/11111111-2222-4333-8444-555555555555"
  uploader_role_arn = "arn:aws:iam::123456789012:role/shelfcast-test-api-task"
  bucket_arns       = { for zone in ["raw", "curated", "features", "model-artifacts", "work"] : zone => "arn:aws:s3:::lake-${zone}" }
}

run "rights" {
  command = plan
  assert {
    condition     = jsondecode(aws_iam_role.upload.assume_role_policy).Statement == [{ Sid = "ApiAlone", Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "arn:aws:iam::123456789012:role/shelfcast-test-api-task" } }]
    error_message = "The API alone takes the upload role."
  }
  assert {
    condition = { for one in jsondecode(aws_iam_role_policy.upload.policy).Statement : one.Sid => flatten([one.Resource]) if one.Sid != "Key" } == {
      PutFiles     = ["arn:aws:s3:::lake-raw/sales/*", "arn:aws:s3:::lake-raw/drop/*"]
      DropDoubles  = ["arn:aws:s3:::lake-raw/sales/*"]
      ReadRejected = ["arn:aws:s3:::lake-work/rejected/*"]
    }
    error_message = "Uploads, and what was rejected of them."
  }
  assert {
    condition     = !strcontains(join("", [for one in jsondecode(output.worker_policies.lake).Statement : jsonencode(one.Resource) if one.Sid == "Delete"]), "lake-model-artifacts")
    error_message = "Nobody deletes models."
  }
  assert {
    condition     = alltrue([for policy in values(output.api_policies) : alltrue([for one in jsondecode(policy).Statement : one.Effect == "Deny" || one.Action == "sts:AssumeRole"])])
    error_message = "The API itself may do nothing but take the role."
  }
}

run "anybody" {
  command = plan
  variables {
    uploader_role_arn = "*"
  }
  expect_failures = [var.uploader_role_arn]
}
