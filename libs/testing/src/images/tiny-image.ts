import { gzipSync } from 'node:zlib';
import { archive } from './archive.ts';
import { digestOf } from './content.ts';

export interface Blob {
  readonly digest: string;
  readonly bytes: Buffer;
}

export interface DescriptorDocument {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly urls?: readonly string[];
  readonly platform?: { readonly os: string; readonly architecture: string };
}

export interface Manifest {
  readonly mediaType: string;
  readonly digest: string;
  readonly bytes: Buffer;
}

export interface Image extends Manifest {
  readonly platform: { readonly os: string; readonly architecture: string };
  readonly blobs: readonly Blob[];
}

export const ociTypes = {
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  index: 'application/vnd.oci.image.index.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
  empty: 'application/vnd.oci.empty.v1+json',
} as const;

export const dockerTypes = {
  manifest: 'application/vnd.docker.distribution.manifest.v2+json',
  list: 'application/vnd.docker.distribution.manifest.list.v2+json',
  config: 'application/vnd.docker.container.image.v1+json',
  layer: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
} as const;

export function blobOf(content: Uint8Array | string): Blob {
  const bytes = Buffer.from(content);
  return { digest: digestOf(bytes), bytes };
}

export function descriptorOf({ digest, bytes }: Blob, mediaType: string): DescriptorDocument {
  return { mediaType, digest, size: bytes.length };
}

/** Builds a manifest of any shape. Its bytes are the JSON.stringify of the document. */
export function manifestOf(mediaType: string, document: Readonly<Record<string, unknown>>): Manifest {
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, ...document }));
  return { mediaType, digest: digestOf(bytes), bytes };
}

export interface TinyImageOptions {
  /** Images with different contents share nothing. */
  readonly content: string;
  readonly layers?: number;
  readonly architecture?: string;
  readonly types?: { readonly manifest: string; readonly config: string; readonly layer: string };
  /** Additional fields of the manifest: subject, annotations, artifactType. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** Builds a real image that any client can run or unpack: a config, and layers of one small file each. */
export function tinyImage(options: TinyImageOptions): Image {
  const { content, layers = 1, architecture = 'amd64', types = ociTypes, fields = {} } = options;
  const archives = Array.from({ length: layers }, (_, index) =>
    archive([{ path: `file-${index}`, content: `${content} ${index}\n` }]),
  );
  const layerBlobs = archives.map((tar) => blobOf(gzipSync(tar)));
  const config = blobOf(
    JSON.stringify({
      architecture,
      os: 'linux',
      config: { Labels: { content } },
      rootfs: { type: 'layers', diff_ids: archives.map((tar) => digestOf(tar)) },
    }),
  );
  const manifest = manifestOf(types.manifest, {
    config: descriptorOf(config, types.config),
    layers: layerBlobs.map((blob) => descriptorOf(blob, types.layer)),
    ...fields,
  });
  return { ...manifest, platform: { os: 'linux', architecture }, blobs: [config, ...layerBlobs] };
}

/** Builds an index or a manifest list of manifests that the caller pushes first. */
export function indexOf(
  manifests: readonly (Manifest & Partial<Pick<Image, 'platform'>>)[],
  fields: Readonly<Record<string, unknown>> = {},
  mediaType: string = ociTypes.index,
): Manifest {
  const descriptors = manifests.map(({ mediaType: type, digest, bytes, platform }) => ({
    mediaType: type,
    digest,
    size: bytes.length,
    platform,
  }));
  return manifestOf(mediaType, { manifests: descriptors, ...fields });
}
