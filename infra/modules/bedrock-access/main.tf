locals {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "AskModels"
      Effect   = "Allow"
      Action   = ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"]
      Resource = [for id in var.model_ids : "arn:aws:bedrock:${var.region}::foundation-model/${id}"]
    }]
  })
}

# Nothing is written of what is asked: prompts may hold sales figures.
resource "terraform_data" "checked" {
  count = var.enabled ? 1 : 0
  input = var.model_ids

  lifecycle {
    precondition {
      condition     = length(var.model_ids) > 0
      error_message = "model_ids: name the models when enabled."
    }
  }
}
