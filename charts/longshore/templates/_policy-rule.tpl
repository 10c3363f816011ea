{{- /* A rule of a NetworkPolicy for the other end of an edge: (list $ "from" end edge). A party outside without peers is anybody. */ -}}
{{- define "longshore.policyRule" -}}
{{- $root := index . 0 -}}
{{- $end := index . 2 -}}
{{- $edge := index . 3 -}}
{{- if hasPrefix "outside/" $end -}}
{{- with index $root.Values.networkPolicy.outside (trimPrefix "outside/" $end) }}
{{ index $ 1 }}: {{- toYaml . | nindent 2 }}
{{- end }}
{{- else }}
{{ index . 1 }}:
  - podSelector: { matchLabels: {{ include "longshore.selector" (list $root $end) | fromYaml | toJson }} }
{{- end }}
ports:
{{- range $port := $edge.ports }}
{{- range default (list "TCP") $edge.protocols }}
  - { port: {{ $port }}, protocol: {{ . }} }
{{- end }}
{{- end }}
{{- end -}}
