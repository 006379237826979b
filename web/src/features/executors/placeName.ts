/** What a request or consent is to, as a person calls it. */
export interface Place {
  flow_id: string
  flow_name: string
  project_code: string
}

export function placeName({ flow_id: flow, flow_name: name, project_code: project }: Place): string {
  return flow === '' ? project : name
}
