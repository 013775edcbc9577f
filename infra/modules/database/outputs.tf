output "host" {
  description = "Where writes go."
  value       = one(concat(aws_db_instance.primary[*].address, aws_rds_cluster.this[*].endpoint))
}

output "replica_hosts" {
  description = "Where reads may go."
  value       = concat(aws_db_instance.replica[*].address, [for cluster in aws_rds_cluster.this : cluster.reader_endpoint if length(aws_rds_cluster_instance.this) > 1])
}

output "arn" {
  description = "Instance or cluster, for backups."
  value       = one(concat(aws_db_instance.primary[*].arn, aws_rds_cluster.this[*].arn))
}

output "metric_dimensions" {
  description = "What names the writer and each replica in CloudWatch."
  value = {
    writer   = var.mode == "rds" ? { DBInstanceIdentifier = var.name } : { DBClusterIdentifier = var.name }
    replicas = [for i in range(local.rds * var.replica_count) : { DBInstanceIdentifier = "${var.name}-replica-${i + 1}" }]
  }
}
