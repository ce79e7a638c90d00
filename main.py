"""`python main.py`: the console command, for those who run the connector from its folder."""

from destination_activecampaign.run import run

if __name__ == "__main__":
    run()
