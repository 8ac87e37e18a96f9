"""What functions do to a value, as far as their names say it: which hide it, which make one of many."""

from __future__ import annotations

import re

from sqlglot import exp

# Functions whose result no longer shows the value, as one word. COUNT is one: how many there were does not say which.
_MASKING = frozenset({
    "md5", "md5digest", "md5hex", "md5number", "md5numberlower64", "md5numberupper64", "halfmd5", "sha", "sha1", "sha2",
    "sha224", "sha256", "sha384", "sha512", "sha1digest", "sha2digest", "sha1hex", "sha2hex", "hash", "hashbytes",
    "hivehash", "standardhash", "orahash", "hashagg", "checksum", "binarychecksum", "checksumagg", "crc32", "crc32c",
    "crc64", "farmfingerprint", "farmfingerprint64", "farmhash64", "fnvhash", "xxhash", "xxhash64", "xxh64", "xxhash32",
    "murmur3", "murmur332", "murmurhash", "murmurhash364", "murmurhash3x64128", "murmur3x64128", "murmurhash332",
    "murmurhash264", "metrohash64", "cityhash64", "siphash64", "siphash128", "javahash", "hashrow", "hmac", "hmacmd5",
    "hmacsha1", "hmacsha256", "hmacsha512", "digest", "crypt", "encrypt", "mask", "maskhash", "maskfirstn", "masklastn",
    "maskshowfirstn", "maskshowlastn", "redact", "anonymize", "anonymise", "pseudonymize", "pseudonymise", "tokenize",
    "count", "countif", "countbig", "countdistinct", "approxcountdistinct", "approxdistinct", "ndv", "uniq",
    "uniqexact",
})  # fmt: skip
# Aggregates that the parser takes for plain functions, as one word.
_AGGREGATES = frozenset({
    "mean", "std", "every", "some", "product", "geomean", "geometricmean", "tryavg", "trysum", "histogram",
    "histogramnumeric", "numerichistogram", "mapagg", "mapunion", "multimapagg", "setunion", "setagg", "approxset",
    "approxmostfrequent", "qdigestagg", "tdigestagg", "reduceagg", "entropy", "countminsketch", "hllsketchagg",
    "hllunionagg", "hllaccumulate", "hllcombine", "hllestimate", "vectoravg", "vectorsum", "stunionagg",
    "stcentroidagg", "bitstringagg", "favg", "fsum", "kahansum", "weightedavg", "kurtosispop", "mad", "sem",
    "arbitrary", "jsongrouparray", "jsongroupobject", "ngrams", "ratiotoreport", "listagg", "stringagg",
    "groupconcat", "wmconcat", "total", "sumif", "avgif", "grouparray", "groupuniqarray", "argmax", "argmin",
    "arrayagg", "objectagg", "jsonagg", "jsonbagg", "jsonobjectagg", "jsonbobjectagg", "xmlagg", "collectlist",
    "collectset", "median", "mode", "anyvalue",
})  # fmt: skip
# A combinator of ClickHouse leaves what the function is: uniqIf, sumState, countMergeIf.
_COMBINED = re.compile(r"(?:If|State|Merge|OrNull|OrDefault|Distinct|Array|ForEach|SimpleState|Map|Resample)+$")
_MASKS: dict[type[exp.Func], bool] = {}


def is_masking(node: exp.Expr) -> bool:
    """Return whether a node is a function whose result no longer shows its arguments."""
    if not isinstance(node, exp.Func):
        return False
    if isinstance(node, (exp.Anonymous, exp.AnonymousAggFunc)):
        return one_word(node.name) in _MASKING or one_word(_COMBINED.sub("", node.name)) in _MASKING
    function = type(node)
    if function not in _MASKS:
        _MASKS[function] = any(one_word(name) in _MASKING for name in function.sql_names())
    return _MASKS[function]


def is_untyped_aggregate(node: exp.Expr) -> bool:
    """Return whether a node is an aggregate that the parser takes for a plain function."""
    return isinstance(node, exp.Anonymous) and one_word(node.name) in _AGGREGATES


def one_word(name: str) -> str:
    """Return a function's name as every dialect would write it."""
    return name.replace("_", "").lower()
