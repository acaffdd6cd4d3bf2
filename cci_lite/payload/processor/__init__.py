"""The deployed function: a recording in, a result out. Uses the standard library and boto3 only."""
