import Outside

/// Prometheus' `status/…`, as far as clients ask for it.
enum BuildInfoEndpoint {
  static let buildInfo = Endpoint(["GET"], "/api/v1/status/buildinfo") { request in
    let identity = await request.access.identity()
    return .data([
      "version": .string(identity.version), "revision": "", "branch": "", "buildUser": "",
      "buildDate": "", "goVersion": "", "application": "tocsin",
    ])
  }

  static let runtimeInfo = Endpoint(["GET"], "/api/v1/status/runtimeinfo") { request in
    let identity = await request.access.identity()
    let targets = await request.access.targets()
    return .data([
      "startTime": .string(SampleText.rfc3339(identity.startedAt)),
      "hostname": .string(identity.hostName), "reloadConfigSuccess": true,
      "serverTime": .string(SampleText.rfc3339(request.access.now())),
      "targetCount": .integer(Int64(targets.count)),
    ])
  }

  static let configuration = Endpoint(["GET"], "/api/v1/status/config") { request in
    .data(["yaml": .string(await request.access.identity().configuration)])
  }
}
