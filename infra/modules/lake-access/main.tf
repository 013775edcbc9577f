locals {
  # S3 uses the key for who reads and writes; nobody uses it otherwise.
  key = {
    Sid       = "Key"
    Effect    = "Allow"
    Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
    Resource  = var.kms_key_arn
    Condition = { StringEquals = { "kms:ViaService" = "s3.${var.region}.amazonaws.com" } }
  }
  arns = var.bucket_arns

  # Workers read and write every zone, and delete where the application does: features and models stay.
  worker = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "List", Effect = "Allow", Action = "s3:ListBucket", Resource = values(local.arns) },
      {
        Sid      = "ReadAndWrite"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"]
        Resource = [for arn in values(local.arns) : "${arn}/*"]
      },
      {
        Sid      = "Delete"
        Effect   = "Allow"
        Action   = "s3:DeleteObject"
        Resource = [for zone in ["raw", "curated", "work"] : "${local.arns[zone]}/*"]
      },
      local.key,
    ]
  })

  # The API itself has no bucket: it can take the role below and nothing else.
  api_takes_role = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Sid = "TakeUploadRole", Effect = "Allow", Action = "sts:AssumeRole", Resource = aws_iam_role.upload.arn }]
  })
  api_has_no_bucket = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Sid = "NoBuckets", Effect = "Deny", Action = "s3:*", Resource = "*" }]
  })
}

# Signs the addresses that files are put to, and passes uploads on; its sessions last an hour.
resource "aws_iam_role" "upload" {
  name                 = "${var.name}-upload"
  max_session_duration = 3600
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "ApiAlone"
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = var.uploader_role_arn }
    }]
  })
}

resource "aws_iam_role_policy" "upload" {
  name = "upload"
  role = aws_iam_role.upload.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "PutFiles"
        Effect   = "Allow"
        Action   = ["s3:PutObject", "s3:AbortMultipartUpload"]
        Resource = ["${local.arns.raw}/sales/*", "${local.arns.raw}/drop/*"]
      },
      # A file that came before is let go of.
      { Sid = "DropDoubles", Effect = "Allow", Action = "s3:DeleteObject", Resource = "${local.arns.raw}/sales/*" },
      { Sid = "ReadRejected", Effect = "Allow", Action = "s3:GetObject", Resource = "${local.arns.work}/rejected/*" },
      local.key,
    ]
  })
}
