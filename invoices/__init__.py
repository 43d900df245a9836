"""The pure core: what a line item and an invoice are.

Nothing in here knows of Flink, AWS, the environment or the clock; every other
package may import it, it imports none of them.
"""
