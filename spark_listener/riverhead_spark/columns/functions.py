"""What Spark's functions do to a value, as far as the names of their classes say it."""

from __future__ import annotations

# Wrappers that Spark puts round a value without changing it.
SAME_VALUE = frozenset({
    "Alias", "AssertNotNull", "CheckOverflow", "CheckOverflowInTableInsert", "KnownFloatingPointNormalized",
    "KnownNotContainsNull", "KnownNotNull", "KnownNullable", "NamedArgumentExpression", "NormalizeNaNAndZero",
    "PipeExpression", "PromotePrecision", "SortOrder", "TempResolvedColumn", "UpCast",
})  # fmt: skip
# What comes out does not give away what went in; how many there were does not say which.
IS_MASKING = frozenset({
    "AesEncrypt", "ApproxCountDistinct", "Count", "CountIf", "Crc32", "HiveHash", "HyperLogLogPlusPlus", "Mask", "Md5",
    "Murmur3Hash", "RegrCount", "Sha1", "Sha2", "XxHash64",
})  # fmt: skip
# What comes out has the fields that went in: elements of an array, one of several rows' or arguments' values.
KEEPS_FIELDS = frozenset({
    "AnyValue", "ArrayAppend", "ArrayCompact", "ArrayDistinct", "ArrayExcept", "ArrayFilter", "ArrayInsert",
    "ArrayIntersect", "ArrayPrepend", "ArrayRemove", "ArraySort", "ArrayUnion", "Coalesce", "CollectList", "CollectSet",
    "Concat", "CreateArray", "ElementAt", "Explode", "First", "Flatten", "GetArrayItem", "IfNull", "Lag", "Last",
    "Lead", "Max", "Min", "Mode", "NthValue", "NullIf", "Nvl", "Nvl2", "Reverse", "Shuffle", "Slice", "SortArray",
    "TryElementAt",
})  # fmt: skip
# They number a window's rows: their children are the window's order once more.
RANKS = frozenset({"CumeDist", "DenseRank", "NTile", "PercentRank", "Rank", "RowNumber"})
# Aggregates that, over a window, are the value of one of its rows.
PICKS_ONE_ROW = frozenset({"AnyValue", "First", "Last", "NthValue"})
# An element of an argument that is traced beside the lambda.
LAMBDA_VARIABLES = frozenset({"NamedLambdaVariable", "UnresolvedNamedLambdaVariable"})
