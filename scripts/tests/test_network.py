"""What may happen to packets, and what cannot be said of them is an error with its line."""

import pytest

from stage import network
from stage.model import ScenarioError
from stage.play import Play
from stage.scenario import load
from stage.words import words
from trees import stories

START = r'server starts\nclient starts\nclient types a\n'


@stories(r"""
A client that has sent nothing has no port
write mine.txt: server starts\nclient 1 starts\nclient 1 is cut off
$ play mine.txt udp
2 *line 3: client 1 has sent nothing yet*

A client that starts again has another port
write mine.txt: only tcp\nclient starts\nthe next packet to client is lost\nclient starts
$ play mine.txt
2 *line 3: client has sent nothing yet*

Who is cut off cannot start
write mine.txt: START client is cut off\nclient is killed\nclient starts
$ play mine.txt tcp
2 *line 6: client is cut off; it must be back*

Who is cut off once is not cut off twice
write mine.txt: START client is cut off\nclient is cut off
$ play mine.txt
2 *line 5: something happens to the packets of client already*

Nobody comes back who was not away
write mine.txt: START client is back
$ play mine.txt
2 *line 4: client was not cut off*

A packet that never comes
write mine.txt: START the next packet to client is lost
$ play mine.txt tcp
2 *line 4: no packet came to client after this line, over tcp*

If both have closed, both kernels repeat
write mine.txt: START client is cut off\nclient is killed\nserver is killed\nclient is back
$ play mine.txt tcp
2 *line 7: both kernels would send again*

A fragment does not arrive twice
write mine.txt: mtu 600\nSTART the next packet to server arrives twice\nclient types 'x' * 900
$ play mine.txt udp
2 *line 5: this datagram travels in several fragments*

A loss is not used up by a packet that is lost anyway
write mine.txt: only udp\nserver starts\nclient 1 starts\nclient 2 starts\n\
client 1 types a\nclient 2 types a\nclient 1 is cut off\nthe next packet to server is lost\n\
client 1 types b\nclient 2 types c
$ play mine.txt
0 *client 1 → UDP length 1 b ✗ lost *client 2 → UDP length 1 c ✗ lost*
not unread server 13 data, addr = udp_ser_sock.recvfrom(BUFSIZ) data = b'c'

A kernel that could not send its data sends no FIN
write mine.txt: only tcp\nSTART server is cut off\nclient types b\nclient is killed\nserver is back
$ play mine.txt
0 *length 1 b ✗ lost *length 1 b (sent again)*
""")
def test_what_happens_to_packets(tree, story):
    tree.follow(story.replace('START ', START))


def test_without_nftables_one_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setenv('NETWORK', 'own')
    monkeypatch.setattr(network, 'PLACES', '')
    with pytest.raises(ScenarioError) as error:
        Play(load('lost-reply'), 'tcp', None)
    assert (
        words()
        .problem(error.value)
        .startswith('lost-reply, line 8: nftables is missing')
    )
