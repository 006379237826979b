// An identity provider that is not ours (npm oidc-provider), for the tests of signing in with one.
// Prints its issuer when it serves. POST /people says who signs in next: {"sub", "claims"}.
import { createServer } from 'node:http'
import { Provider } from 'oidc-provider'

const { client_id, client_secret, redirect_uris } = JSON.parse(process.argv[2])
let next = { sub: 'nobody', claims: {} }
const people = new Map()

const server = createServer()
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`
  const provider = new Provider(issuer, {
    clients: [{ client_id, client_secret, redirect_uris, response_types: ['code'], grant_types: ['authorization_code'] }],
    claims: { openid: ['sub'], profile: ['name', 'preferred_username', 'groups'], email: ['email'] },
    cookies: { keys: ['for tests only'] },
    features: { devInteractions: { enabled: false } },
    pkce: { required: () => true },
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_ctx, sub) => ({ accountId: sub, claims: () => ({ sub, ...people.get(sub) }) }),
    async loadExistingGrant(ctx) {
      const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId })
      grant.addOIDCScope('openid profile email')
      await grant.save()
      return grant
    },
  })
  const serve = provider.callback()
  server.on('request', (request, response) => {
    if (request.url === '/people') {
      let body = ''
      request.on('data', (part) => (body += part))
      request.on('end', () => {
        next = JSON.parse(body)
        people.set(next.sub, next.claims)
        response.writeHead(204).end()
      })
    } else if (request.url.startsWith('/interaction/')) {
      provider.interactionFinished(request, response, { login: { accountId: next.sub, remember: false } })
    } else serve(request, response)
  })
  console.log(issuer)
})
