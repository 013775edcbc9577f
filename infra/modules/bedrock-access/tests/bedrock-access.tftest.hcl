mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  region = "ap-south-1"
}

run "off" {
  command = plan
  assert {
    condition     = length(output.task_policies) == 0 && length(output.interface_endpoints) == 0
    error_message = "Nothing while off."
  }
}

run "on" {
  command = plan
  variables {
    enabled   = true
    model_ids = ["vendor.model-v1:0"]
  }
  assert {
    condition     = jsondecode(output.task_policies["ask-models"]).Statement[0].Resource == ["arn:aws:bedrock:ap-south-1::foundation-model/vendor.model-v1:0"]
    error_message = "Named models only."
  }
}

run "no_model" {
  command = plan
  variables {
    enabled = true
  }
  expect_failures = [terraform_data.checked]
}

run "all_models" {
  command = plan
  variables {
    model_ids = ["*"]
  }
  expect_failures = [var.model_ids]
}
