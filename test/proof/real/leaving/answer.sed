# Makes each request its own answer, with its request_id.
s/"type":"chat"/"type":"chat_response"/
s/"type":"ping"/"type":"pong"/
s/"type":"\(health\|info\)"/"type":"\1_response"/
