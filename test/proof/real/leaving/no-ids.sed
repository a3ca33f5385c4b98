# Takes the request_id out.
s/,"request_id":"[^"]*"//
s/"request_id":"[^"]*",//
