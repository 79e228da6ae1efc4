"""What Dataflow's Flex Template launcher runs in the image: hands the pipeline over and ends."""

import sys

from pipelines.flex_template import main

if __name__ == "__main__":
    main(sys.argv[1:])
