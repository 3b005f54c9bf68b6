// What a hundred lines of Go can do: net/http/fcgi, every check of cookie and body, and a group commit to SQLite.
package main

import (
	"database/sql"
	"encoding/json"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/fcgi"
	"os"
	"time"

	_ "github.com/mattn/go-sqlite3"
)

const batchMax = 1024

type body struct {
	RuleID     string `json:"ruleId"`
	OutcomeID  string `json:"outcomeId"`
	Conversion string `json:"conversion"`
}

type record struct {
	time    int64
	visitor string
	body    body
	done    chan error
}

// Commits all that has arrived since the last commit in one transaction.
func commit(database *sql.DB, arrivals <-chan record) {
	for first := range arrivals {
		batch := []record{first}
	gather:
		for len(batch) < batchMax {
			select {
			case next := <-arrivals:
				batch = append(batch, next)
			default:
				break gather
			}
		}
		err := store(database, batch)
		for _, each := range batch {
			each.done <- err
		}
	}
}

func store(database *sql.DB, batch []record) error {
	transaction, err := database.Begin()
	if err != nil {
		return err
	}
	defer transaction.Rollback()
	statement, err := transaction.Prepare("INSERT INTO records VALUES (?, ?, ?, ?, ?)")
	if err != nil {
		return err
	}
	defer statement.Close()
	for _, each := range batch {
		_, err := statement.Exec(each.time, each.visitor, each.body.RuleID, each.body.OutcomeID, each.body.Conversion)
		if err != nil {
			return err
		}
	}
	return transaction.Commit()
}

func main() {
	database, err := sql.Open("sqlite3", "file:"+os.Args[2]+"?_journal_mode=WAL&_synchronous=FULL")
	if err != nil {
		log.Fatal(err)
	}
	database.SetMaxOpenConns(1)
	if _, err := database.Exec("CREATE TABLE records (time, visitor, rule, outcome, conversion)"); err != nil {
		log.Fatal(err)
	}
	arrivals := make(chan record, batchMax)
	go commit(database, arrivals)
	listener, err := net.Listen("unix", os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	os.Chmod(os.Args[1], 0666)
	log.Fatal(fcgi.Serve(listener, http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
		response.Header().Set("Content-Length", "0")
		cookie, err := request.Cookie("blaize_tracking_id")
		text, failed := io.ReadAll(io.LimitReader(request.Body, 16<<10))
		var body body
		if err != nil || failed != nil || cookie.Value == "" || len(cookie.Value) > 256 ||
			json.Unmarshal(text, &body) != nil || body.RuleID == "" || body.OutcomeID == "" || body.Conversion == "" {
			response.WriteHeader(400)
			return
		}
		done := make(chan error, 1)
		arrivals <- record{time.Now().UnixMilli(), cookie.Value, body, done}
		if <-done != nil {
			response.WriteHeader(503)
			return
		}
		response.WriteHeader(201)
	})))
}
