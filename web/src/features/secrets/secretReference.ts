/** A secret of the project as texts of flows write it; a name with a dot stands in brackets. */
export function secretReference(name: string): string {
  return /^\w[\w-]*$/.test(name) ? `\${project.secrets.${name}}` : `\${project.secrets["${name}"]}`
}
