// Google's own in-memory fake of Pub/Sub as a process: prints its address, ends when its standard input does.
//
//	cd tests/pstest && go mod init pstest && go mod tidy && go build
package main

import (
	"fmt"
	"io"
	"os"

	"cloud.google.com/go/pubsub/v2/pstest"
)

func main() {
	server := pstest.NewServer()
	defer server.Close()
	fmt.Println(server.Addr)
	io.Copy(io.Discard, os.Stdin)
}
