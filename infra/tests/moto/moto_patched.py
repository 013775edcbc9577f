"""moto's server with a few answers corrected: where it differs from AWS in what Terraform's provider asks of it."""
import fnmatch
import json
import uuid

from moto.applicationautoscaling import responses as scaling_responses
from moto.budgets import responses as budgets_responses
from moto.cloudtrail import models as cloudtrail_models
from moto.rds import models as rds_models
from moto.s3 import models as s3_models
from moto.server import main


def unique_resource_ids():
    """Every instance got the same DbiResourceId, so that the provider, which looks by it, found the wrong one."""
    for name in ("create_db_instance", "create_db_instance_read_replica"):
        original = getattr(rds_models.RDSBackend, name)

        def create(self, *args, _original=original, **kwargs):
            instance = _original(self, *args, **kwargs)
            instance.dbi_resource_id = "db-" + uuid.uuid4().hex[:26].upper()
            return instance

        setattr(rds_models.RDSBackend, name, create)


def trails_by_arn():
    """StartLogging takes a name or an ARN."""
    backend = cloudtrail_models.CloudTrailBackend
    for name in ("start_logging", "stop_logging", "get_trail_status"):
        original = getattr(backend, name)

        def by_arn(self, trail, *args, _original=original, **kwargs):
            return _original(self, trail.rsplit("/", 1)[-1], *args, **kwargs)

        setattr(backend, name, by_arn)


def answers(responses, method, answer):
    """The provider reads this after each call, and moto has no answer."""
    if not hasattr(responses, method):
        setattr(responses, method, lambda self: answer)


def log_delivery_by_wildcard():
    """A policy may let the log service write below a prefix; moto only took the whole bucket or the very prefix."""

    def allowed(target_bucket, target_prefix):
        policy = json.loads(target_bucket.policy.decode()) if target_bucket.policy else {"Statement": []}
        key = f"arn:aws:s3:::{target_bucket.name}/{target_prefix or ''}2025-01-01-00-00-00-ABC"
        return any(
            one["Effect"] == "Allow"
            and one["Principal"] == {"Service": "logging.s3.amazonaws.com"}
            and one["Action"] == "s3:PutObject"
            and fnmatch.fnmatchcase(key, one["Resource"])
            for one in policy["Statement"]
        )

    s3_models.FakeBucket._log_permissions_enabled_policy = staticmethod(allowed)


unique_resource_ids()
log_delivery_by_wildcard()
trails_by_arn()
answers(scaling_responses.ApplicationAutoScalingResponse, "list_tags_for_resource", '{"Tags": {}}')
answers(budgets_responses.BudgetsResponse, "list_tags_for_resource", '{"ResourceTags": []}')
answers(budgets_responses.BudgetsResponse, "describe_subscribers_for_notification", '{"Subscribers": []}')

if __name__ == "__main__":
    main()
