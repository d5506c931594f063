"""The same computations on Spark, over the lake's own Parquet files: for bases that one machine no longer holds."""

from zhike.engine.spark.agreement import Agreement, Exchange, compare
from zhike.engine.spark.cluster import Cluster, SparkUnreachable
from zhike.engine.spark.files import LakeFiles, plain_files
from zhike.engine.spark.session import SparkSession

__all__ = [
    "Agreement",
    "Cluster",
    "Exchange",
    "LakeFiles",
    "SparkSession",
    "SparkUnreachable",
    "compare",
    "plain_files",
]
