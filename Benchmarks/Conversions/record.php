<?php
// What a site that has PHP would write: checks cookie and body, and commits each record to SQLite.
function answer(int $status): never
{
    http_response_code($status);
    header('Content-Length: 0');
    exit;
}

$visitor = $_COOKIE['blaize_tracking_id'] ?? '';
if ($visitor === '' || strlen($visitor) > 256) {
    answer(400);
}
$body = json_decode(file_get_contents('php://input'), true, 32);
foreach (['ruleId', 'outcomeId', 'conversion'] as $field) {
    if (!is_string($body[$field] ?? null) || $body[$field] === '') {
        answer(400);
    }
}
try {
    $database = new PDO('sqlite:RUN/records.sqlite', options: [PDO::ATTR_PERSISTENT => true, PDO::ATTR_TIMEOUT => 2]);
    $database->exec('PRAGMA synchronous = FULL');
    $statement = $database->prepare('INSERT INTO records VALUES (?, ?, ?, ?, ?)');
    $statement->execute([microtime(true), $visitor, $body['ruleId'], $body['outcomeId'], $body['conversion']]);
} catch (PDOException) {
    answer(503);
}
answer(201);
