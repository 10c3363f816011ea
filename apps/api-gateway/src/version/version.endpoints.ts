import { Injectable } from '@nestjs/common';
import { Endpoint, json, type Reply } from '@longshore/service-kit';

/** The API's root and its list of extensions (distribution-spec end-1; extensions/_oci.md). */
@Injectable()
export class VersionEndpoints {
  @Endpoint('base')
  base(): Promise<Reply> {
    return Promise.resolve(json({}));
  }

  @Endpoint('discover', 'repository-discover')
  extensions(): Promise<Reply> {
    return Promise.resolve(
      json({
        extensions: [
          {
            name: '_oci',
            url: 'https://github.com/opencontainers/distribution-spec/blob/main/extensions/_oci.md',
            description: 'lists the extensions of this registry',
            endpoints: ['_oci/ext/discover'],
          },
        ],
      }),
    );
  }
}
