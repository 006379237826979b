import { describe, expect, it } from 'vitest'
import { clientSnippet, pickedOf, wantedTools } from './toolChoices'

const before = [
  { kind: 'component' as const, target: 'cmdb.get_host', name: 'host' },
  { kind: 'flow' as const, target: 'f1', name: 'restart' },
]

describe('tool choices', () => {
  it('tells what is picked by kind', () => {
    expect(pickedOf(before)).toEqual({ component: ['cmdb.get_host'], flow: ['f1'], plugin: [] })
  })

  it('keeps names of what stays and leaves those of new tools to the server', () => {
    const wanted = wantedTools(before, { component: ['cmdb.list_hosts', 'cmdb.get_host'], flow: [], plugin: ['ping'] })
    expect(wanted).toEqual([
      { kind: 'component', target: 'cmdb.get_host', name: 'host' },
      { kind: 'component', target: 'cmdb.list_hosts' },
      { kind: 'plugin', target: 'ping' },
    ])
  })

  it('writes what a client needs to be told', () => {
    expect(JSON.parse(clientSnippet('ops', 'https://gw.example/mcp/ops'))).toEqual({
      mcpServers: { ops: { type: 'http', url: 'https://gw.example/mcp/ops' } },
    })
  })
})
