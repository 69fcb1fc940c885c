"""Eight clients of a server that talks to one at a time: see backlog.sh.

    backlog.py FOLDER
"""
import atexit
import sys
import time

import pair
from sockets import linux

BACKLOG, CLIENTS = 5, 8
ROW = '{:6}  {:5}  {:11}  {:12}  {:10}  {:>6}  {}'


def wait_for(what, condition):
    end = time.monotonic() + 60
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > end:
            sys.exit(f'backlog.sh: waited in vain for {what}')
        time.sleep(0.01)


def look(client, server, said):
    """What a client does and its row of the table; None while it is on its way there."""
    for own in client.sockets('tcp'):
        ends = own['peer'], own['own']
        far = next((one for one in linux() if (one['own'], one['peer']) == ends), None)
        row = [own['own'], own['state'], far['state'] if far else 'none']
        held = far and far['name'] in [one['name'] for one in server.sockets('tcp')]
        if own['state'] == 'SYN-SENT' and own['again'] and not client.screen():
            return 'waits', [*row, '', '', f"waits, asked again: {own['again']}"]
        if held and client.screen().endswith(f'] {said}\n> '):
            return 'talks', [*row, 'tcp-server', far['unread'], 'talks']
        if far and not held and far['unread'] and client.screen() == '> ':
            return 'is queued', [*row, 'no program', far['unread'], 'is queued']
    return None


def start(side, port, folder):
    program = pair.Program(side, pair.command('rust', f'tcp-{side}', port), folder)
    atexit.register(program.end)
    return program


def main(folder):
    port = pair.free_port()
    server = start('server', port, folder)
    wait_for('the server', server.screen)
    print(pair.title(f'eight clients and listen({BACKLOG}), on port {port} of 127.0.0.1'))
    clients, said = [], [f'client {number}' for number in range(1, CLIENTS + 1)]
    must = ['talks'] + ['is queued'] * (BACKLOG + 1) + ['waits']
    for words in said:
        clients.append(start('client', port, folder))
        clients[-1].type(words)
        wait_for(f'{words} to be somewhere', lambda: look(clients[-1], server, words))
    print(ROW.format('client', ' port', 'its end', "server's end", 'held by', 'unread', 'so it'))
    for number, (client, due) in enumerate(zip(clients, must)):
        does, row = look(client, server, said[number])
        print(ROW.format(number + 1, *row))
        if does != due:
            sys.exit(f'backlog.sh: client {number + 1} {does}, expected: {due}')
    queue = next(one['unread'] for one in linux() if one['own'] == port and not one['peer'])
    print(f'the listening socket has {queue} connections in its queue')
    if queue != BACKLOG + 1:
        sys.exit(f'backlog.sh: expected {BACKLOG + 1}')

    def does(number):
        return (look(clients[number], server, said[number]) or [''])[0]
    print(pair.title('now they leave'))
    for number, client in enumerate(clients):
        client.type('')
        if client.process.wait(60):
            sys.exit(f'backlog.sh: {said[number]}: {client.messages()}')
        text = f'{said[number]} leaves'
        if client is not clients[-1]:
            wait_for(f'{said[number + 1]} to be served', lambda: does(number + 1) == 'talks')
            text += f', {said[number + 1]} talks'
        if number == 0:
            wait_for('the place of the last client', lambda: does(-1) == 'is queued')
            text += f', {said[-1]} gets the free place'
        print(text)


pair.lead()
main(sys.argv[1])
