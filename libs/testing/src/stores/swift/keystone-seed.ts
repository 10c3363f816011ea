import { KeystoneClient } from './keystone-client.ts';
import type { SwiftLogin } from './tempauth.ts';

export interface KeystoneAccess extends SwiftLogin {
  /** URL of the Identity API v3. */
  readonly keystoneUrl: string;
  /** The name of the domain that contains all users and projects. */
  readonly domain: string;
  readonly project: string;
  readonly projectId: string;
  readonly userId: string;
  readonly region: string;
  readonly applicationCredential: { readonly id: string; readonly name: string; readonly secret: string };
  /** Another user, without a role of its own, to whom this user has delegated a role. */
  readonly trust: SwiftLogin & { readonly id: string };
  /** A user who may log in to the project, but has no rights. */
  readonly stranger: SwiftLogin;
}

export const adminPassword = 'admin-password';
export const servicePassword = 'swift-password';

const login = { username: 'owner', password: 'owner-password', project: 'longshore' };
const trustee = { username: 'trustee', password: 'trustee-password' };
const stranger = { username: 'stranger', password: 'stranger-password' };
const region = 'RegionOne';

/** Fills a bootstrapped Keystone with users and with the address of Swift. */
export async function seedKeystone(keystoneUrl: string, swiftOrigin: string): Promise<KeystoneAccess> {
  const admin = new KeystoneClient(keystoneUrl, {
    username: 'admin',
    password: adminPassword,
    project: 'admin',
  });
  await createUser(
    admin,
    { username: 'swift', password: servicePassword },
    'admin',
    await createProject(admin, 'service'),
  );
  await announceSwift(admin, swiftOrigin);
  const projectId = await createProject(admin, login.project);
  const userId = await createUser(admin, login, 'member', projectId);
  await createUser(admin, stranger, 'reader', projectId);
  const trusteeId = await createUser(admin, trustee);
  const owner = new KeystoneClient(keystoneUrl, login);
  const credential = { name: 'longshore-test', secret: 'application-secret' };
  const credentialPath = `/users/${userId}/application_credentials`;
  return {
    ...login,
    keystoneUrl,
    domain: 'Default',
    projectId,
    userId,
    region,
    stranger,
    applicationCredential: {
      ...credential,
      id: await owner.create(credentialPath, 'application_credential', credential),
    },
    trust: {
      ...trustee,
      id: await owner.create('/OS-TRUST/trusts', 'trust', {
        trustor_user_id: userId,
        trustee_user_id: trusteeId,
        project_id: projectId,
        impersonation: true,
        roles: [{ name: 'member' }],
      }),
    },
  };
}

function createProject(admin: KeystoneClient, name: string): Promise<string> {
  return admin.create('/projects', 'project', { name, domain_id: 'default' });
}

async function createUser(
  admin: KeystoneClient,
  { username, password }: SwiftLogin,
  role?: string,
  projectId?: string,
): Promise<string> {
  const id = await admin.create('/users', 'user', { name: username, password, domain_id: 'default' });
  if (role !== undefined)
    await admin.put(`/projects/${projectId}/users/${id}/roles/${await admin.role(role)}`);
  return id;
}

async function announceSwift(admin: KeystoneClient, origin: string): Promise<void> {
  const service = await admin.create('/services', 'service', { type: 'object-store', name: 'swift' });
  const endpoint = { service_id: service, region_id: region, url: `${origin}/v1/AUTH_%(project_id)s` };
  for (const kind of ['public', 'internal', 'admin']) {
    await admin.create('/endpoints', 'endpoint', { ...endpoint, interface: kind });
  }
}
