// The benchmark's two commands as a Hubot script.
'use strict'

const SLOW = Number(process.env.BENCH_SLOW) * 1000

module.exports = (robot) => {
  robot.hear(/^!whoami/, (asked) => asked.send(`You are ${asked.message.user.name}`))
  robot.hear(/^!slow/, (asked) =>
    setTimeout(() => asked.send(`You are ${asked.message.user.name}`), SLOW))
}
