import Diagnostics
import Language
import Model
import Outside
import Testing

@testable import Delivery

@Suite struct ReceiversTests {
  /// Reads a configuration; `defaults` statements in it apply.
  private func read(_ text: String) -> (receivers: [Receiver], diagnostics: [Diagnostic]) {
    let document = DocumentParser.parse(SourceText(name: "test.tocsin", text: text))
    let context = ReadingContext(
      defaults: document.statements.filter { $0.keyword.value == "defaults" })
    let receivers = Receivers.read(document.statements, context: context)
    return (receivers, document.diagnostics + context.diagnostics)
  }

  private let everything = """
    defaults email {
      server      localhost:587
      from        "Alerts <alerts@example.com>"
      to          all@example.com
    }

    defaults slack {
      url         credential "slack-url"
    }

    receiver ops {
      email ops@example.com, "Ana <ana@example.com>" {
        cc          boss@example.com
        reply-to    team@example.com
        user        tocsin
        password    credential "smtp"
        subject     "Container Kit {{ status }}: {{ group.alertname }}"
        resolved    no
      }
      slack "#alerts" {
        title       "Container Kit {{ status }}"
        text        "{{#each alerts}}{{ summary }}{{/each}}"
      }
      slack "#alerts"
      webhook https://user:pw@example.com/hook?token=1 {
        header      Authorization credential "hook"
        header      X-Team "ops"
        body        `{"text": "{{ status }}", "n": {{ count }}, "all": [{{#each alerts}}{{ alert }},{{/each}} null]}`
        limit       10
      }
      exec {
        run         /usr/local/bin/page --urgent "two words"
        timeout     5s
      }
      terminal
    }
    """

  @Test func theReceiverDecidesAboutClosesUnlessAChannelDoes() throws {
    let (receivers, diagnostics) = read(
      """
      receiver quiet {
        exec {
          run         /bin/true
        }
        terminal {
          resolved    yes
        }
        resolved    no
      }
      """)
    #expect(diagnostics.map(\.message) == [])
    #expect(receivers.first?.outline.channels.map(\.announcesClose) == [false, true])
  }

  @Test func everyChannelIsRead() throws {
    let (receivers, diagnostics) = read(everything)
    #expect(diagnostics.map(\.message) == [])
    let ops = try #require(receivers.first)
    #expect(
      ops.outline.channels.map(\.id.channel) == [
        "email ops@example.com, ana@example.com, all@example.com", "slack #alerts",
        "slack #alerts (2)", "webhook https://example.com/hook", "exec /usr/local/bin/page",
        "terminal",
      ])
    #expect(ops.outline.channels.map(\.announcesClose) == [false, true, true, true, true, true])
    let email = try #require(ops.channels[0].notifier as? EmailNotifier)
    #expect(email.recipients.map(\.address).last == "boss@example.com")
    #expect(email.from?.description == "Alerts <alerts@example.com>")
    #expect(email.server.port == 587)
    #expect(email.server.security == .none, "mail to this very host is handed over in the clear")
    #expect(email.secrets == [.credential("smtp")])
    let exec = try #require(ops.channels[4].notifier as? ExecNotifier)
    #expect(exec.arguments == ["/usr/local/bin/page", "--urgent", "two words"])
    #expect(exec.timeout == .seconds(5))
    #expect(receivers.channel(ops.channels[3].id)?.id == ops.channels[3].id)
    #expect(receivers.channel(ChannelID(receiver: "ops", channel: "gone")) == nil)
  }

  @Test func whereNoneIsWrittenThereIsTheTerminal() {
    let (receivers, diagnostics) = read("")
    #expect(diagnostics.isEmpty)
    #expect(receivers.map(\.name) == ["terminal"])
    #expect(receivers.outlines[0].channels.map(\.id.channel) == ["terminal"])
  }

  @Test(arguments: [
    ("mail.example.com:465", "", MailTransfer.Security.implicit, 465),
    ("mail.example.com:587", "", .starttls, 587), ("mail.example.com", "", .starttls, 25),
    ("[::1]:2525", "", .none, 2525), ("127.0.0.1:25", "tls starttls", .starttls, 25),
    ("mail.example.com:25", "tls none", .none, 25),
  ])
  func theConnectionIsEncryptedByDefault(
    server: String, tls: String, security: MailTransfer.Security, port: Int
  ) throws {
    let (receivers, diagnostics) = read(
      "receiver r {\n email a@b.org {\n server \"\(server)\"\n \(tls)\n }\n}\n")
    #expect(diagnostics.map(\.message) == [])
    let email = try #require(receivers.first?.channels.first?.notifier as? EmailNotifier)
    #expect(email.server.security == security)
    #expect(email.server.port == port)
    #expect(!email.server.host.contains("["))
  }

  @Test(arguments: [
    ("receiver r {\n}\n", "E028"),
    ("receiver r {\n slack \"#a\"\n}\n", "E028"),
    ("receiver r {\n slack \"#a\" {\n url https://hooks.example.com/x\n }\n}\n", "W115"),
    ("receiver r {\n email\n}\n", "E009"),
    ("receiver r {\n email not-an-address\n}\n", "E012"),
    ("receiver r {\n email ö@example.com\n}\n", "E012"),
    ("receiver r {\n email a@b.org {\n tsl none\n }\n}\n", "E011"),
    ("receiver r {\n email a@b.org {\n tls maybe\n }\n}\n", "E012"),
    ("receiver r {\n email a@b.org {\n subject \"{{ nothing }}\"\n }\n}\n", "E015"),
    ("receiver r {\n webhook ftp://example.com\n}\n", "E012"),
    ("receiver r {\n webhook\n}\n", "E009"),
    (
      "receiver r {\n webhook http://x/ {\n body `{\"a\": [{{#each alerts}}1,{{/each}}]}`\n }\n}\n",
      "E012"
    ),
    ("receiver r {\n webhook http://x/ {\n header A B C D\n }\n}\n", "E012"),
    ("receiver r {\n exec {\n }\n}\n", "E028"),
    ("receiver r {\n pager x\n}\n", "E011"),
    ("receiver r {\n terminal\n}\nreceiver r {\n terminal\n}\n", "E026"),
  ])
  func mistakesAreFoundAtLoad(text: String, code: String) {
    #expect(read(text).diagnostics.map(\.code) == [code])
  }

  @Test func aBodyOfAnotherKindNeedNotBeJSON() {
    let text = """
      receiver r {
        webhook http://ntfy.example.com/ops {
          header      Content-Type text/plain
          body        "{{ status }}: {{ common.alertname }}"
        }
      }
      """
    #expect(read(text).diagnostics.map(\.message) == [])
  }

  @Test func containerKitsOwnReceiverIsRead() throws {
    let text = """
      defaults email {
        server      localhost:587
        from        alerts@container-kit.example.com
      }

      receiver web.hook {
        email admin@container-kit.example.com {
          subject     "Container Kit Alert: {{ group.alertname }}"
          body        \"\"\"
            {{#each alerts}}
            Alert: {{ summary }}
            Description: {{ description }}
            {{/each}}
            \"\"\"
          resolved    no
        }

        slack "#alerts" {
          url         credential "slack-url"
          title       "Container Kit Alert"
          text        "{{#each alerts}}{{ description }}{{/each}}"
          resolved    no
        }
      }
      """
    let (receivers, diagnostics) = read(text)
    #expect(diagnostics.map(\.message) == [])
    let channels = try #require(receivers.first?.channels)
    let two = Fixture.group(2) { _ in .new }
    let mail = DecodedMail(channels[0].preview(two, Fixture.context))
    #expect(mail["Subject"] == "Container Kit Alert: DiskFilling")
    expectGolden(mail.parts[0].text, "container-kit.own.txt")
    expectGolden(channels[1].preview(two, Fixture.context), "container-kit.own.slack.json")
  }

  @Test func ownTextsEncodeWhatTheyInsert() throws {
    let text = """
      receiver r {
        email a@b.org {
          subject     "{{#each alerts}}{{ labels.newline }}{{/each}}"
          html        `{{#each alerts}}<b title="{{ labels.quote }}">{{ labels.mention }}</b>
            <a href="{{ runbook }}">x</a><a href="http://h/?q={{ labels.quote }}">y</a>
            <a href="{{ url }}">z</a><script>var x = "{{ labels.quote }}"</script>{{/each}}`
        }
        slack {
          url         credential "u"
          text        "<!here> {{#each alerts}}{{ labels.mention }}{{/each}}"
        }
        webhook http://x/ {
          body        `{"all": [{{#each alerts}}{"q": "{{ labels.quote }}", "v": {{ labels.shell }}},{{/each}} 0], "n": {{ count }}}`
        }
      }
      """
    let (receivers, diagnostics) = read(text)
    #expect(diagnostics.map(\.message) == [])
    let channels = try #require(receivers.first?.channels)
    let previews = channels.map { $0.preview(Fixture.hostile, Fixture.context) }
    let mail = DecodedMail(previews[0])
    #expect(mail.problems == [])
    #expect(mail["Subject"] == "one Bcc: eve@example.com . two")
    let html = try #require(mail.parts.last?.text)
    #expect(html.contains("title=\"a &quot;b&quot; &#39;c&#39; `d` \\e\""))
    #expect(html.contains("&lt;!channel&gt; &lt;@U1|x&gt; *b* &amp; co</b>"))
    #expect(html.contains("<a href=\"#\">x</a>"), "javascript: is no address")
    #expect(html.contains("http://h/?q=a%20%22b%22%20%27c%27%20%60d%60%20%5Ce\">y"))
    #expect(html.contains("href=\"http://web-1.example.com:9768/incidents/"))
    #expect(html.contains("var x = \"\""))
    // The author's own mention is the author's; the label's is data.
    #expect(previews[1].contains("<!here> &lt;!channel&gt; &lt;@U1|x&gt;"))
    #expect(previews[2].contains(#""q": "a \"b\" 'c' `d` \\e", "v": "$(reboot); `x`""#))
    #expect(previews[2].contains("\"n\": 1}"))
  }

  @Test func everyKindDocumentsItself() {
    for kind in Notifiers.kinds {
      #expect(kind.documentation.hasSuffix("."))
      #expect(kind.keyword.count <= 11)
    }
  }
}
