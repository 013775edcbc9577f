locals {
  # Days until each class of storage; null = never. Curated and features are read by each training, so they move late; work
  # holds archived sales and forecasts, which the application must be able to read at any time.
  zones = {
    "raw"              = { infrequent = 30, glacier = 90, expire = null }
    "curated"          = { infrequent = 90, glacier = 365, expire = null }
    "features"         = { infrequent = 30, glacier = null, expire = 180 }
    "model-artifacts"  = { infrequent = 90, glacier = 365, expire = null }
    "external-signals" = { infrequent = 90, glacier = 365, expire = null }
    "reports"          = { infrequent = 30, glacier = null, expire = 365 }
    "work"             = { infrequent = 30, glacier = null, expire = null }
    "backups"          = { infrequent = 30, glacier = 90, expire = 400 }
    "logs"             = { infrequent = 30, glacier = null, expire = var.log_retention_days }
  }
  encrypted  = { for zone, rule in local.zones : zone => rule if zone != "logs" }
  replicated = !var.replicate ? {} : { for zone in var.replicated_zones : zone => local.zones[zone] }
}

resource "aws_s3_bucket" "this" {
  for_each      = local.zones
  bucket        = "${var.name}-${each.key}-${var.account_id}"
  force_destroy = var.force_destroy
  tags          = { Zone = each.key, Backup = each.key == "backups" ? "false" : "true" }
}

resource "aws_s3_bucket_ownership_controls" "this" {
  for_each = local.zones
  bucket   = aws_s3_bucket.this[each.key].id
  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_public_access_block" "this" {
  for_each                = local.zones
  bucket                  = aws_s3_bucket.this[each.key].id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_versioning" "this" {
  for_each = local.zones
  bucket   = aws_s3_bucket.this[each.key].id
  versioning_configuration {
    status = "Enabled"
  }
}

# The load balancer writes its log with S3's own keys only.
resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  for_each = local.zones
  bucket   = aws_s3_bucket.this[each.key].id
  rule {
    bucket_key_enabled = each.key != "logs"
    apply_server_side_encryption_by_default {
      sse_algorithm     = each.key == "logs" ? "AES256" : "aws:kms"
      kms_master_key_id = each.key == "logs" ? null : var.kms_key_arn
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  for_each = local.zones
  bucket   = aws_s3_bucket.this[each.key].id

  rule {
    id     = "age"
    status = "Enabled"
    filter {}

    transition {
      days          = each.value.infrequent
      storage_class = "STANDARD_IA"
    }

    dynamic "transition" {
      for_each = each.value.glacier == null ? [] : [each.value.glacier]
      content {
        days          = transition.value
        storage_class = "GLACIER"
      }
    }

    dynamic "expiration" {
      for_each = each.value.expire == null ? [] : [each.value.expire]
      content {
        days = expiration.value
      }
    }

    noncurrent_version_expiration {
      noncurrent_days = var.noncurrent_days
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 3
    }
  }

  depends_on = [aws_s3_bucket_versioning.this]
}

resource "aws_s3_bucket_logging" "this" {
  for_each      = local.encrypted
  bucket        = aws_s3_bucket.this[each.key].id
  target_bucket = aws_s3_bucket.this["logs"].id
  target_prefix = "s3/${each.key}/"
  depends_on    = [aws_s3_bucket_policy.this]
}

locals {
  tls_only = { for zone in keys(local.zones) : zone => {
    Sid       = "TlsOnly"
    Effect    = "Deny"
    Principal = { AWS = "*" }
    Action    = "s3:*"
    Resource  = [aws_s3_bucket.this[zone].arn, "${aws_s3_bucket.this[zone].arn}/*"]
    Condition = { Bool = { "aws:SecureTransport" = "false" } }
  } }
  modern_tls = { for zone in keys(local.zones) : zone => {
    Sid       = "ModernTlsOnly"
    Effect    = "Deny"
    Principal = { AWS = "*" }
    Action    = "s3:*"
    Resource  = [aws_s3_bucket.this[zone].arn, "${aws_s3_bucket.this[zone].arn}/*"]
    Condition = { NumericLessThan = { "s3:TlsVersion" = "1.2" } }
  } }
  log_delivery = [for service, prefix in { "logging.s3.amazonaws.com" = "s3", "logdelivery.elasticloadbalancing.amazonaws.com" = "alb" } : {
    Sid       = "Deliver-${prefix}"
    Effect    = "Allow"
    Principal = { Service = service }
    Action    = "s3:PutObject"
    Resource  = "${aws_s3_bucket.this["logs"].arn}/${prefix}/*"
    Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
  }]
}

resource "aws_s3_bucket_policy" "this" {
  for_each = local.zones
  bucket   = aws_s3_bucket.this[each.key].id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = concat([local.tls_only[each.key], local.modern_tls[each.key]], each.key == "logs" ? local.log_delivery : [])
  })
  depends_on = [aws_s3_bucket_public_access_block.this]
}
