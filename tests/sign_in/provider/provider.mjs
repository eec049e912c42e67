// A real OpenID Connect provider for the tests, which can be told to spoil the next ID token.
//
//   PORT, REDIRECT (comma-separated), SIGNED_OUT: where it listens and what it lets the client use.
//   POST /test/spoil   {"claims": {"aud": "other", "nonce": null}, "key": "other" | "none" | "hmac"}: for the next token only
//   GET  /test/issued  every code, token and claim that it has given out
//
// Any name signs in. A name that holds manager, tuner or admin is in that group; each has a name and an e-mail address.
import http from 'node:http'
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, UnsecuredJWT, decodeJwt } from 'jose'
import Provider from 'oidc-provider'

const port = Number(process.env.PORT)
const issuer = `http://127.0.0.1:${port}`
const pairs = { own: await generateKeyPair('RS256', { extractable: true }), other: await generateKeyPair('RS256') }
const jwk = { ...(await exportJWK(pairs.own.privateKey)), kid: 'own', alg: 'RS256', use: 'sig' }
const issued = []
let spoil = null

const groupsOf = (name) => [['manager', 'HP-Managers'], ['tuner', 'HP-Tuners'], ['admin', 'HP-Admins']]
  .filter(([word]) => name.includes(word)).map(([, group]) => group)

const provider = new Provider(issuer, {
  jwks: { keys: [jwk] },
  cookies: { keys: ['only-for-tests'] },
  clients: [{
    client_id: 'handrail',
    client_secret: 'client-secret-of-the-tests',
    redirect_uris: process.env.REDIRECT.split(','),
    post_logout_redirect_uris: process.env.SIGNED_OUT.split(','),
  }],
  claims: { openid: ['sub', 'access', 'name', 'email'] },
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  features: {
    rpInitiatedLogout: {
      logoutSource: (ctx, form) => {
        ctx.body = `<!DOCTYPE html><html lang="en"><title>Sign out</title>${form}<button type="submit" form="op.logoutForm" name="logout" value="yes">Sign out everywhere</button>`
      },
    },
  },
  async findAccount (ctx, name) {
    return { accountId: name, claims: () => ({ sub: name, access: { groups: groupsOf(name) }, name: `Canary ${name}`, email: `${name}@canary.example` }) }
  },
  async loadExistingGrant (ctx) {
    const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId })
    grant.addOIDCScope('openid')
    await grant.save()
    return grant
  },
})

async function spoiled (token, { claims = {}, key }) {
  const payload = { ...decodeJwt(token), ...claims }
  for (const [name, value] of Object.entries(claims)) if (value === null) delete payload[name]
  if (key === 'none') return new UnsecuredJWT(payload).encode()
  if (key === 'hmac') {
    const secret = new TextEncoder().encode(await exportSPKI(pairs.own.publicKey))
    return new SignJWT(payload).setProtectedHeader({ alg: 'HS256', kid: 'own' }).sign(secret)
  }
  return new SignJWT(payload).setProtectedHeader({ alg: 'RS256', kid: 'own' }).sign(pairs[key ?? 'own'].privateKey)
}

provider.use(async (ctx, next) => {
  await next()
  if (ctx.path !== '/token' || !ctx.body?.id_token) return
  if (spoil) {
    ctx.body.id_token = await spoiled(ctx.body.id_token, spoil)
    spoil = null
  }
  issued.push(ctx.body.id_token, ctx.body.access_token)
})

const callback = provider.callback()
const readBody = async (request) => {
  let text = ''
  for await (const part of request) text += part
  return JSON.parse(text)
}

http.createServer(async (request, response) => {
  if (request.url === '/test/spoil') {
    spoil = await readBody(request)
    response.end()
  } else if (request.url === '/test/issued') {
    response.end(JSON.stringify(issued))
  } else {
    callback(request, response)
  }
}).listen(port, '127.0.0.1', () => console.log('ready'))
