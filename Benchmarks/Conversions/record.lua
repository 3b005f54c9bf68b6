-- What a site that has OpenResty's module would write: checks cookie and body, and lets Redis sync each record.
local json = require "cjson.safe"
local redis = require "nginx.redis"

local function answer(status)
    ngx.status = status
    ngx.header["Content-Length"] = 0
    return ngx.exit(status)
end

local visitor = ngx.var.cookie_blaize_tracking_id
if not visitor or visitor == "" or #visitor > 256 then
    return answer(400)
end
ngx.req.read_body()
local body = json.decode(ngx.req.get_body_data() or "")
if type(body) ~= "table" or type(body.ruleId) ~= "string" or type(body.outcomeId) ~= "string"
    or type(body.conversion) ~= "string" then
    return answer(400)
end
local connection = redis:new()
connection:set_timeout(2000)
if not connection:connect("unix:RUN/redis.sock") then
    return answer(503)
end
local record = { ngx.now(), visitor, body.ruleId, body.outcomeId, body.conversion }
local stored = connection:rpush("records", json.encode(record))
connection:set_keepalive(10000, 64)
return answer(stored and 201 or 503)
