"""A site whose one hotline has every kind of node there is, in a flow and in one that it calls."""

from collections.abc import Mapping

EVERY_KIND = "77000"
"""The hotline, and the number it is called by."""

HOTLINE = """\
hotline: "77000"
numbers: ["77000"]
languages: [zh-CN, en-US]
timezone: Asia/Shanghai
calendars:
  office: {open: [{days: mon-fri, from: "09:00", to: "17:30"}]}
defaults:
  noinput: {after: 2s, times: 1, then: seats}
  nomatch: {times: 1, then: seats, prompt: nomatch}
flow: main
flows:
  main:
    start: open
    vars:
      level: {type: text}
      balance: {type: int}
      order: {type: text}
      mark: {type: text}
      pin: {type: secret}
      is_right: {type: bool}
    nodes:
      open: {hours: {calendar: office}, on: {open: top, closed: voice}}
      top:
        menu:
          prompt: services
          choices:
            "1": customer
            "2": voice
            "3": survey
            "4": who
            "5": police
            "6": to-expert
            "7": to-her
            "8": ask-pin
            "9": elsewhere
            "0": seats
            "*": english
            "#": send
      english: {set: {language: en-US, balance: balance + 1}, next: back}
      back: {goto: top}
      customer:
        lookup:
          service: customer
          send: {number: caller}
          into: {level: level, balance: balance}
          prompt: connecting
        next: sort
        on: {not_found: voice, failed: quiet}
      quiet:
        lookup: {service: customer, send: {number: caller}, into: {balance: balance}}
        next: sort
        on: {failed: survey}
      sort:
        branch:
          when: [{if: balance < 0, then: send}]
          else: said
      said: {say: {money: balance, prompt: connecting}, next: send}
      send: {message: {template: balance}, next: seats, on: {no_number: survey}}
      voice:
        record: {prompt: connecting, max: 8s, silence: 2s, topic: complaint}
        next: promise
        on: {empty: seats, failed: bye}
      survey:
        ask: {prompt: services, question: service, answers: ["1", "2"], into: mark}
        next: marked
      marked:
        branch:
          when: [{if: 'mark == "1"', then: bye}]
          else: voice
      who:
        subflow: {flow: identify, with: {tries: balance}, into: {order: number}}
        on: {ok: spell, failed: seats}
      spell: {say: {digits: order}, next: bye}
      police:
        transfer: {outside: police}
        on: {failed: to-expert, busy: seats}
      to-expert:
        transfer: {expert: "data >= 3", wait: 20s}
        on: {no_agents: to-her, timed_out: seats}
      to-her:
        transfer: {agent: "2", wait: 20s}
        on: {no_agents: seats, timed_out: voice}
      ask-pin:
        collect: {prompt: services, into: pin, sensitive: true, digits: 3}
        next: check-pin
      check-pin:
        lookup: {service: password, send: {pin: pin}, into: {is_right: is_right}}
        next: right
        on: {failed: seats}
      right:
        branch:
          when: [{if: is_right, then: bye}]
          else: seats
      elsewhere: {goto: {flow: complaints}}
      seats:
        queue:
          name: data
          priority: 5s
          context: [level, balance]
          keys: {"1": tips, "2": aside, "3": lists, "4": promise, "*": police}
        on: {no_agents: promise, full: promise, timed_out: promise}
      tips: {play: welcome, next: seats}
      aside:
        menu: {prompt: services, choices: {"1": seats, "2": bye}}
      lists: {lookup: {service: customer, send: {number: caller}}, next: seats, on: {failed: tips}}
      promise: {work_order: {topic: data, skill: data, within: 4h}, next: bye}
      bye: {hangup: {prompt: goodbye, reason: work_order}}
  identify:
    vars:
      tries: {type: int}
      number: {type: text}
    start: first
    nodes:
      first:
        branch:
          when: [{if: tries > 3, then: bad}]
          else: ask
      ask:
        collect:
          prompt: services
          into: number
          digits: {min: 2, max: 4}
          noinput: {times: 0, then: bad}
          nomatch: {times: 1, then: bad}
        next: good
      good: {return: {exit: ok}}
      bad: {return: {exit: failed}}
  complaints:
    start: hello
    nodes:
      hello: {play: {prompt: welcome, barge_in: false}, next: seats}
      seats: {queue: {name: data}, on: {no_agents: bye, full: bye, timed_out: bye}}
      bye: {hangup: {}}
"""

QUEUES = """\
queues:
  data:
    steps: [{require: data >= 3, for: 10s}, {require: data}]
    ring: 8s
    wrap_up: 0s
    limits: {waiting: 2, wait: 1m}
    hold: {announce: {position: true, every: 20s}}
"""

MESSAGES = """\
messages:
  balance: {zh-CN: "您的余额为{balance}元。", en-US: "Your balance is {balance} yuan."}
"""

SITE = """\
skills: [data]
devices: {seat-1: {}, seat-2: {}, seat-3: {}}
agents:
  "1": {name: One, skills: {data: 3}, device: seat-1}
  "2": {name: Two, skills: {data: 1}, device: seat-2}
  "3": {name: Three, skills: {data: 3}}
services:
  customer:
    url: "http://127.0.0.1:8090/customer"
    sends: {number: text}
    answers: {level: text, balance: int}
  password:
    url: "http://127.0.0.1:8090/password"
    sends: {pin: secret}
    answers: {is_right: bool}
outside_numbers:
  police: {number: "+8610110", ring: 20s}
"""

FILES: Mapping[str, str] = {
    "site.yaml": SITE,
    f"{EVERY_KIND}/hotline.yaml": HOTLINE,
    f"{EVERY_KIND}/queues.yaml": QUEUES,
    f"{EVERY_KIND}/messages.yaml": MESSAGES,
}
