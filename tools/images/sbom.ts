import type { Package } from './packages.ts';

export interface Described {
  /** `longshore/blob-service`. */
  readonly image: string;
  readonly version: string;
  /** The digest of its configuration, without the algorithm. */
  readonly id: string;
  /** Seconds since 1970. */
  readonly epoch: number;
  readonly packages: readonly Package[];
}

/**
 * Returns the SBOM of an image (SPDX 2.3, https://spdx.github.io/spdx-spec/v2.3/). The same image has the same document: its time is the image's, and
 * its namespace contains the image's id.
 */
export function sbomOf({ image, version, id, epoch, packages }: Described): object {
  const described = {
    SPDXID: 'SPDXRef-Image',
    name: image,
    versionInfo: version,
    primaryPackagePurpose: 'CONTAINER',
    downloadLocation: 'NOASSERTION',
    filesAnalyzed: false,
    licenseDeclared: 'Apache-2.0',
    checksums: [{ algorithm: 'SHA256', checksumValue: id }],
  };
  const contained = packages.map(({ name, version: versionInfo, license, url }, index) => ({
    SPDXID: `SPDXRef-Package-${index + 1}`,
    name,
    versionInfo,
    downloadLocation: 'NOASSERTION',
    filesAnalyzed: false,
    licenseDeclared: license === undefined || !isExpression(license) ? 'NOASSERTION' : license,
    externalRefs: [{ referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: url }],
  }));
  return {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name: image,
    documentNamespace: `https://spdx.org/spdxdocs/${image.replace('/', '-')}-${id}`,
    creationInfo: {
      created: new Date(epoch * 1000).toISOString().replace('.000Z', 'Z'),
      creators: ['Organization: Longshore', 'Tool: longshore-images'],
    },
    packages: [described, ...contained],
    relationships: [
      {
        spdxElementId: 'SPDXRef-DOCUMENT',
        relationshipType: 'DESCRIBES',
        relatedSpdxElement: 'SPDXRef-Image',
      },
      ...contained.map(({ SPDXID }) => ({
        spdxElementId: 'SPDXRef-Image',
        relationshipType: 'CONTAINS',
        relatedSpdxElement: SPDXID,
      })),
    ],
  };
}

/** Some packages write `SEE LICENSE IN …`, or name a file. */
function isExpression(license: string): boolean {
  return /^[\w.+()-]+(?: (?:AND|OR|WITH) [\w.+()-]+)*$/.test(license) && license !== 'UNLICENSED';
}
