{{- /* How Prometheus' operator reads a port: (list $ port monitor), of a ServiceMonitor or a PodMonitor. */ -}}
{{- define "longshore.metricsEndpoint" -}}
{{- $root := index . 0 -}}
port: {{ index . 1 }}
path: {{ dig "http" "debug" "prometheus" "path" "/metrics" $root.Values.configuration | quote }}
{{- with index . 2 }}
interval: {{ .interval }}
{{- with .scrapeTimeout }}
scrapeTimeout: {{ . }}
{{- end }}
{{- with .relabelings }}
relabelings: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .metricRelabelings }}
metricRelabelings: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- end -}}

{{- /* "yes" when the chart makes anything by which metrics are read. */ -}}
{{- define "longshore.readsMetrics" -}}
{{- with .Values.metrics -}}
{{- if or .service.enabled .serviceMonitor.enabled .podMonitor.enabled -}}yes{{- end -}}
{{- end -}}
{{- end -}}
