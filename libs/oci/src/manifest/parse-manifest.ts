import type { Digest } from '../digest.ts';
import {
  type Descriptor,
  type DescriptorRules,
  invalid,
  parseAnnotations,
  parseDescriptor,
  parseMediaType,
} from '../descriptor.ts';
import { OciError } from '../errors.ts';
import { bareMediaType, mediaTypes } from '../media-type.ts';
import { parseDocument } from './manifest-document.ts';

/** A manifest's references, parsed from its bytes. The bytes themselves are stored and served. */
export interface ParsedManifest {
  readonly kind: 'image' | 'index';
  readonly mediaType: string;
  readonly artifactType?: string;
  readonly subject?: Descriptor;
  readonly annotations: Readonly<Record<string, string>>;
  readonly config?: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly manifests: readonly Descriptor[];
  /** Blobs that the repository must have: config and layers, except layers with other sources. */
  readonly requiredBlobs: readonly Digest[];
  /** Layers with other sources, which the repository need not have. An existing one is referenced like any other. */
  readonly optionalBlobs: readonly Digest[];
  readonly children: readonly Digest[];
}

export interface ManifestLimits extends Partial<DescriptorRules> {
  /** Most descriptors in one manifest. Default 10,000. */
  readonly references?: number;
}

type Rules = Required<ManifestLimits>;

const kinds = new Map<string, ParsedManifest['kind']>([
  [mediaTypes.ociManifest, 'image'],
  [mediaTypes.dockerManifest, 'image'],
  [mediaTypes.ociIndex, 'index'],
  [mediaTypes.dockerList, 'index'],
]);
const schema1 = /^application\/vnd\.docker\.distribution\.manifest\.v1\+(?:json|prettyjws)$/;
const defaults: Rules = { references: 10_000, annotations: 1_000, mediaTypes: 'any' };
/** Most values outside annotations and references: fields that we do not know. */
const looseValues = 10_000;
/** Most values in one reference, with room for many annotations. */
const valuesOfReference = 32;

/**
 * Reads a manifest of the media type that the client declared. The type is never guessed from the content: a document that is both a
 * manifest and an index means different things to different clients (CVE-2021-41190).
 * @throws OciError MANIFEST_INVALID or DIGEST_INVALID, naming the field
 */
export function parseManifest(
  bytes: Uint8Array,
  contentType: string,
  limits: ManifestLimits = {},
): ParsedManifest {
  const mediaType = bareMediaType(contentType);
  if (schema1.test(mediaType))
    throw new OciError('MANIFEST_INVALID', {
      reason: 'schema 1 manifests are not supported; push schema 2 or OCI',
    });
  const kind = kinds.get(mediaType);
  if (kind === undefined)
    throw new OciError('MANIFEST_INVALID', {
      reason: `"${mediaType.slice(0, 128)}" is no media type of a manifest`,
    });
  const rules = { ...defaults, ...limits };
  const { references, annotations } = rules;
  const document = parseDocument(bytes, {
    loose: looseValues + annotations,
    ofReference: valuesOfReference,
    references,
  });
  if (document['schemaVersion'] !== 2) throw invalid('schemaVersion', 'must be 2');
  const declared = document['mediaType'];
  if (declared !== undefined && declared !== mediaType)
    throw invalid('mediaType', `differs from the Content-Type "${mediaType}"`);
  if (declared === undefined && mediaType.startsWith('application/vnd.docker.'))
    throw invalid('mediaType', 'must be there in a Docker manifest');
  return kind === 'image' ? parseImage(document, mediaType, rules) : parseIndex(document, mediaType, rules);
}

function parseImage(document: Record<string, unknown>, mediaType: string, rules: Rules): ParsedManifest {
  if ('manifests' in document || 'fsLayers' in document)
    throw invalid('manifests', 'does not belong into an image manifest');
  const config = parseDescriptor(document['config'], 'config', rules);
  const layers = list(document['layers'] ?? [], 'layers', rules).map((layer, index) =>
    parseDescriptor(layer, `layers[${index}]`, rules),
  );
  const requiredBlobs = distinct([config, ...layers.filter(({ urls = [] }) => urls.length === 0)]);
  const required = new Set(requiredBlobs);
  const optionalBlobs = distinct(layers).filter((digest) => !required.has(digest));
  const declared = document['artifactType'];
  const artifactType = typeof declared === 'string' && declared !== '' ? declared : config.mediaType;
  return {
    kind: 'image',
    mediaType,
    ...common(document, rules),
    ...(artifactType === '' ? {} : { artifactType }),
    config,
    layers,
    manifests: [],
    requiredBlobs,
    optionalBlobs,
    children: [],
  };
}

function parseIndex(document: Record<string, unknown>, mediaType: string, rules: Rules): ParsedManifest {
  if ('layers' in document || 'config' in document || 'fsLayers' in document)
    throw invalid('layers', 'does not belong into an index');
  const manifests = list(document['manifests'], 'manifests', rules).map((child, index) =>
    parseDescriptor(child, `manifests[${index}]`, rules),
  );
  const declared = document['artifactType'];
  const artifactType = typeof declared === 'string' && declared !== '' ? { artifactType: declared } : {};
  return {
    kind: 'index',
    mediaType,
    ...common(document, rules),
    ...artifactType,
    layers: [],
    manifests,
    requiredBlobs: [],
    optionalBlobs: [],
    children: distinct(manifests),
  };
}

function common(
  document: Record<string, unknown>,
  rules: Rules,
): Pick<ParsedManifest, 'subject' | 'annotations'> {
  const { subject, annotations, artifactType } = document;
  if (artifactType !== undefined) parseMediaType(artifactType, 'artifactType', rules);
  return {
    ...(subject === undefined || subject === null
      ? {}
      : { subject: parseDescriptor(subject, 'subject', rules) }),
    annotations:
      annotations === undefined || annotations === null
        ? {}
        : parseAnnotations(annotations, 'annotations', rules),
  };
}

function list(value: unknown, field: string, { references }: Rules): readonly unknown[] {
  if (!Array.isArray(value)) throw invalid(field, 'must be a list of descriptors');
  if (value.length > references) throw invalid(field, `may have at most ${references} entries`);
  return value as readonly unknown[];
}

function distinct(descriptors: readonly Descriptor[]): readonly Digest[] {
  return [...new Set(descriptors.map(({ digest }) => digest))];
}
