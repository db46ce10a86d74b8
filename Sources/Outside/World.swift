/// Every door to the world. `HostWorld` opens them on the real Linux, `SimulatedWorld` in memory.
package struct World: Sendable {
  package var time: any TimeSource
  package var transfers: any HTTPTransfers
  package var mail: any MailTransport
  package var server: any HTTPServing
  package var sockets: any Sockets
  package var files: any Files
  package var processes: any Processes
  package var journal: any Journal
  package var service: any ServiceManager
  package var state: any StateStore
  package var databases: any Databases
  package var environment: any EnvironmentValues
  package var calculations: any Calculations

  package init(
    time: any TimeSource, transfers: any HTTPTransfers, mail: any MailTransport,
    server: any HTTPServing, sockets: any Sockets, files: any Files, processes: any Processes,
    journal: any Journal, service: any ServiceManager, state: any StateStore,
    databases: any Databases, environment: any EnvironmentValues,
    calculations: any Calculations
  ) {
    self.time = time
    self.transfers = transfers
    self.mail = mail
    self.server = server
    self.sockets = sockets
    self.files = files
    self.processes = processes
    self.journal = journal
    self.service = service
    self.state = state
    self.databases = databases
    self.environment = environment
    self.calculations = calculations
  }
}
