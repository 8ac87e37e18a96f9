"""Facets of a dataset: what it is, wherever it is read or written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riverhead_emitter.facets.facet import Facet, known, spec_facet

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from riverhead_emitter.model import Dataset, Field


def schema(fields: Iterable[Field]) -> Facet:
    """Return the `schema` facet; a type that is not known is left out."""
    return spec_facet("SchemaDatasetFacet", "1-2-0", fields=[_described(field) for field in fields])


def symlinks(identifiers: Iterable[tuple[str, str, str]]) -> Facet:
    """Return the `symlinks` facet of other names of the same data: namespace, name and type of each."""
    named = [{"namespace": namespace, "name": name, "type": kind} for namespace, name, kind in identifiers]
    return spec_facet("SymlinksDatasetFacet", "1-0-1", identifiers=named)


def lifecycle_state_change(change: str, previous: Dataset | None = None) -> Facet:
    """Return the `lifecycleStateChange` facet, say of OVERWRITE; `previous` is the name before a RENAME."""
    before = None if previous is None else {"name": previous.name, "namespace": previous.namespace}
    return spec_facet(
        "LifecycleStateChangeDatasetFacet", "1-0-1", lifecycleStateChange=change, previousIdentifier=before
    )


def catalog(
    framework: str,
    kind: str,
    name: str,
    *,
    metadata_uri: str | None = None,
    warehouse_uri: str | None = None,
    source: str | None = None,
    properties: Mapping[str, str] | None = None,
) -> Facet:
    """Return the `catalog` facet, say of framework iceberg and kind glue."""
    return spec_facet(
        "CatalogDatasetFacet",
        "1-1-0",
        framework=framework,
        type=kind,
        name=name,
        metadataUri=metadata_uri,
        warehouseUri=warehouse_uri,
        source=source,
        catalogProperties=None if properties is None else dict(properties),
    )


def dataset_type(kind: str, subtype: str | None = None) -> Facet:
    """Return the `datasetType` facet, say of TABLE, VIEW, FILE, TOPIC or MODEL."""
    return spec_facet("DatasetTypeDatasetFacet", "1-0-1", datasetType=kind, subType=subtype)


def dataset_version(version: str) -> Facet:
    """Return the `version` facet."""
    return spec_facet("DatasetVersionDatasetFacet", "1-0-1", datasetVersion=version)


def data_source(name: str | None = None, uri: str | None = None) -> Facet:
    """Return the `dataSource` facet; `uri` without credentials."""
    return spec_facet("DatasourceDatasetFacet", "1-0-1", name=name, uri=uri)


def documentation(description: str, content_type: str | None = None) -> Facet:
    """Return a dataset's `documentation` facet."""
    return spec_facet("DocumentationDatasetFacet", "1-1-0", description=description, contentType=content_type)


def hierarchy(levels: Iterable[tuple[str, str]]) -> Facet:
    """Return the `hierarchy` facet: kind and name of each level, the highest first."""
    return spec_facet(
        "HierarchyDatasetFacet", "1-0-0", hierarchy=[{"type": kind, "name": name} for kind, name in levels]
    )


def ownership(owners: Iterable[tuple[str, str | None]]) -> Facet:
    """Return a dataset's `ownership` facet: name, as in `team:data`, and kind of each owner."""
    return spec_facet("OwnershipDatasetFacet", "1-0-1", owners=[known(name=name, type=kind) for name, kind in owners])


def storage(layer: str, file_format: str | None = None) -> Facet:
    """Return the `storage` facet, say of layer iceberg and format parquet."""
    return spec_facet("StorageDatasetFacet", "1-0-1", storageLayer=layer, fileFormat=file_format)


def _described(field: Field) -> Facet:
    described: Facet = {"name": field.name}
    if field.type:
        described["type"] = field.type
    if field.description:
        described["description"] = field.description
    if field.position is not None:
        described["ordinal_position"] = field.position
    if field.fields:
        described["fields"] = [_described(nested) for nested in field.fields]
    return described
