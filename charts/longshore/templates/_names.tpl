{{- /* The release's name in everything that it makes, with room for a component's behind it. */ -}}
{{- define "longshore.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- /* The namespace of everything; `namespaceOverride` is for a chart that holds this one. */ -}}
{{- define "longshore.namespace" -}}
{{- default .Release.Namespace .Values.namespaceOverride | quote -}}
{{- end -}}

{{- /* Of a component: include "longshore.name" (list $ "blob-service"). */ -}}
{{- define "longshore.name" -}}
{{- printf "%s-%s" (include "longshore.fullname" (index . 0)) (index . 1) -}}
{{- end -}}

{{- /* What selects the pods of a component and of nothing else: (list $ "blob-service"). */ -}}
{{- define "longshore.selector" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: {{ default $root.Chart.Name $root.Values.nameOverride }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{- /* What selects the pods of all six services; only they have a port named debug. */ -}}
{{- define "longshore.everyService" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride }}
app.kubernetes.io/instance: {{ .Release.Name }}
longshore/service: 'true'
{{- end -}}

{{- /* Of pods. No version is among them: a new chart alone would restart every pod. */ -}}
{{- define "longshore.podLabels" -}}
{{ include "longshore.selector" . }}
app.kubernetes.io/part-of: longshore
{{- with (index . 0).Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "longshore.labels" -}}
{{- $root := index . 0 -}}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" }}
{{ include "longshore.selector" . }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: longshore
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
{{- with $root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- /* The reference of an image: (list $ image "blob-service"); a part that the image does not say comes from `image`. */ -}}
{{- define "longshore.image" -}}
{{- $root := index . 0 -}}
{{- $own := default dict (index . 1) -}}
{{- $shared := $root.Values.image -}}
{{- $registry := coalesce $own.registry $root.Values.global.imageRegistry $shared.registry -}}
{{- $repository := default (printf "%s/%s" $shared.repository (index . 2)) $own.repository -}}
{{- $tag := coalesce $own.tag $shared.tag $root.Chart.AppVersion -}}
{{- with $registry }}{{ . }}/{{ end }}{{ $repository }}
{{- if $own.digest }}@{{ $own.digest }}{{ else }}:{{ $tag }}{{ end -}}
{{- end -}}

{{- define "longshore.pullPolicy" -}}
{{- $own := default dict (index . 1) -}}
{{- default (index . 0).Values.image.pullPolicy $own.pullPolicy -}}
{{- end -}}
