{{- define "longshore.serviceAccount" -}}
{{- $values := index . 2 -}}
{{- default (include "longshore.name" (list (index . 0) (index . 1))) $values.serviceAccount.name -}}
{{- end -}}

{{- define "longshore.probe" -}}
httpGet: { path: /health/{{ index . 0 }}, port: debug }
{{ toYaml (index . 1) }}
{{- end -}}

{{- /* Endpoints lag behind a pod that ends: it serves for some seconds more before it is asked to stop. */ -}}
{{- define "longshore.lifecycle" -}}
{{- if .lifecycle -}}
{{- toYaml .lifecycle -}}
{{- else -}}
preStop: { sleep: { seconds: {{ .preStopSeconds }} } }
{{- end -}}
{{- end -}}

{{- /* Where the pods of a service may run: (list $ service values). */ -}}
{{- define "longshore.placement" -}}
{{- $root := index . 0 -}}
{{- $service := index . 1 -}}
{{- $values := index . 2 -}}
{{- with $values.priorityClassName }}
priorityClassName: {{ . | quote }}
{{- end }}
{{- with $values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- $affinity := deepCopy $values.affinity }}
{{- if and $service.store (include "longshore.volumeOfOneNode" $root) (not $affinity.podAffinity) }}
{{- $_ := set $affinity "podAffinity" (include "longshore.besideTheVolume" $root | fromYaml) }}
{{- end }}
{{- with $affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- if $values.topologySpreadConstraints }}
topologySpreadConstraints: {{- toYaml $values.topologySpreadConstraints | nindent 2 }}
{{- else if $values.spread }}
topologySpreadConstraints:
{{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector: { matchLabels: {{ include "longshore.selector" (list $root $service.component) | fromYaml | toJson }} }
    matchLabelKeys: [pod-template-hash]
{{- end }}
{{- end }}
{{- end -}}

{{- /* "yes" when the bytes are on a volume that one node at a time mounts. */ -}}
{{- define "longshore.volumeOfOneNode" -}}
{{- if and (eq .Values.storage.driver "filesystem") (not (has "ReadWriteMany" .Values.storage.persistence.accessModes)) -}}yes{{- end -}}
{{- end -}}

{{- /* Whoever mounts that volume must run on the node of blob-service; the first of its pods may choose the node. */ -}}
{{- define "longshore.besideTheVolume" -}}
requiredDuringSchedulingIgnoredDuringExecution:
  - topologyKey: kubernetes.io/hostname
    labelSelector:
      matchLabels: {{- include "longshore.selector" (list . "blob-service") | nindent 8 }}
{{- end -}}
